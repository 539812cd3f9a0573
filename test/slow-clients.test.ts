import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { buildApp } from '../api/app.ts'
import { limitConnections, type ServerLimits, usualLimits } from '../api/server-limits.ts'
import type { TestApp } from './setup/app.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'

const impatient: ServerLimits = {
  ...usualLimits,
  headersMs: 400,
  checkEveryMs: 50,
  body: { windowMs: 250, minBytes: 2_000 },
  connectionsPerAddress: 10,
}
let house: TestHouse
let port = 0

beforeAll(async () => {
  house = await testHouse()
  const app = await buildApp(house, { limits: impatient })
  atEnd(() => app.close())
  limitConnections(app.server, { limits: impatient, isProxy: () => false })
  port = await portOf(app)
})

const portOf = async (app: TestApp) => Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)

/** A client that drips: what it heard, and how long it was let. */
async function drip(head: string, drops: (n: number) => string, everyMs = 40, to = port) {
  const socket = connect(to, '127.0.0.1')
  await once(socket, 'connect')
  let heard = ''
  socket.on('data', (data) => {
    heard += data
  })
  socket.on('error', () => socket.destroy())
  const startedAt = performance.now()
  socket.write(head)
  let n = 0
  const dripping = setInterval(() => socket.writable && socket.write(drops(n++)), everyMs)
  // Not `once`: a write that comes too late for the hang-up is no failure.
  await new Promise((resolve) => socket.once('close', resolve))
  clearInterval(dripping)
  return { heard, ms: performance.now() - startedAt }
}

const request = (path: string, type: string, length = 100_000) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`
const formStart = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'

describe('a client that drips', () => {
  it('its headers is cut off', async () => {
    const text = 'GET /v1/assets HTTP/1.1\r\nHost: localhost\r\nX-Long: '
    const { heard, ms } = await drip('', (n) => text[n] ?? 'x', 20)
    expect(heard).toMatch(/^HTTP\/1\.1 408 [\s\S]*malformed_request/)
    expect(ms).toBeLessThan(usualLimits.headersMs)
  })

  it('nothing at all is cut off', async () => {
    const { ms } = await drip('', () => '')
    expect(ms).toBeLessThan(usualLimits.headersMs)
  })

  it('JSON is cut off with 408', async () => {
    const { heard, ms } = await drip(request('/v1/assets', 'application/json'), () => ' ')
    expect(heard).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"upload_interrupted"/)
    expect(ms).toBeLessThan(usualLimits.body.windowMs)
  })

  it('chunks of one byte is cut off', async () => {
    const head =
      'POST /v1/assets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
    const { heard } = await drip(head, () => '1\r\n \r\n')
    expect(heard).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('a form is cut off, and leaves neither bytes nor an asset', async () => {
    const { heard } = await drip(request('/v1/assets', 'multipart/form-data; boundary=x') + formStart, () => 'x')
    expect(heard).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"upload_interrupted"/)
    expect(await house.db.selectFrom('assets').select('id').execute()).toEqual([])
    const objects = async () => {
      const keys: string[] = []
      for await (const { key } of house.storage.list('')) keys.push(key)
      return keys
    }
    await vi.waitFor(async () => expect(await objects()).toEqual([]))
  })
})

it('a body that comes slowly, but comes, is waited for', async () => {
  // A window that no busy machine lets pass without a drop.
  const body = { windowMs: 1_500, minBytes: 2_000 }
  const app = await buildApp(house, { limits: { ...usualLimits, body } })
  atEnd(() => app.close())
  const file = 'y'.repeat(40)
  const end = '\r\n--x--\r\n'
  const pieces = 90
  const length = formStart.length + file.length * 20 * pieces + end.length
  const drops = (n: number) => (n < pieces ? file.repeat(20) : n === pieces ? end : '')
  const head = request('/v1/assets', 'multipart/form-data; boundary=x', length).replace(
    '\r\n\r\n',
    '\r\nConnection: close\r\n\r\n',
  )
  const { heard, ms } = await drip(head + formStart, drops, 40, await portOf(app))
  expect(heard).toMatch(/^HTTP\/1\.1 202 /)
  expect(ms).toBeGreaterThan(2 * body.windowMs)
})

it('of one address there are only so many connections, and others once they end', async () => {
  const open: Socket[] = []
  for (let n = 0; n < 10; n++) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    open.push(socket)
  }
  const more = connect(port, '127.0.0.1').on('error', () => undefined)
  await once(more, 'close')
  for (const socket of open) socket.destroy()
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/live`)).status).toBe(200))
})
