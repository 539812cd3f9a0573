import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import { atEnd } from '../../test/setup/at-end.ts'
import { listenLocally } from '../servers/listen.ts'
import { type FaultProxy, faultProxy } from './proxy.ts'

let proxy: FaultProxy

/** Behind it stands a server that says everything again. */
beforeAll(async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.pipe(socket)
  })
  const port = await listenLocally(server)
  proxy = await faultProxy({ port })
  atEnd(async () => {
    await proxy.close()
    server.close()
  })
})

type Line = { socket: Socket; heard(): string; end(): string | undefined }

async function line(): Promise<Line> {
  const socket = connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true })
  let [text, end]: [string, string | undefined] = ['', undefined]
  socket.on('data', (data) => {
    text += data
  })
  socket.on('end', () => {
    end ??= 'ended'
  })
  socket.on('error', (error) => {
    end = 'code' in error ? String(error.code) : error.message
  })
  atEnd(async () => socket.destroy())
  await once(socket, 'connect')
  return { socket, heard: () => text, end: () => end }
}

const until = (what: string, ask: () => boolean) =>
  waitUntil({ what, timeoutMs: 30_000, ask: () => ask() || undefined })

async function say(to: Line, text: string): Promise<void> {
  const wanted = to.heard() + text
  to.socket.write(text)
  await until(`"${wanted}"`, () => to.heard() === wanted)
}

describe('the network that can be broken', () => {
  it('passes on what it is given while it works', async () => {
    const one = await line()
    await say(one, 'hello')
    await say(one, 'again')
  })

  it('delays both ways', async () => {
    const one = await line()
    await say(one, 'at once')
    proxy.set({ kind: 'delay', ms: 60 })
    const began = performance.now()
    await say(one, 'late')
    expect(performance.now() - began).toBeGreaterThan(110)
    proxy.set(undefined)
  })

  it('lets so many bytes through in a second', async () => {
    const one = await line()
    proxy.set({ kind: 'throttle', bytesPerSecond: 10_000 })
    const began = performance.now()
    await say(one, 'x'.repeat(1_000))
    expect(performance.now() - began).toBeGreaterThan(180)
    proxy.set(undefined)
  })

  it('holds back what is said into a black hole, and lets it out afterwards', async () => {
    const one = await line()
    await say(one, 'before')
    proxy.set({ kind: 'black hole' })
    one.socket.write(' meanwhile')
    const another = await line()
    another.socket.write('new')
    expect([one.heard(), another.heard()]).toEqual(['before', ''])
    proxy.set(undefined)
    await until('what was held back', () => one.heard() === 'before meanwhile' && another.heard() === 'new')
  })

  it.each(['close', 'reset'] as const)('cuts after some bytes, by %s', async (how) => {
    proxy.set({ kind: 'cut', after: 12, how })
    const one = await line()
    await say(one, 'short')
    one.socket.write('and what is too long')
    await until('the cut', () => one.end() !== undefined || one.socket.destroyed)
    expect(one.heard().length).toBeLessThanOrEqual(12)
    if (how === 'reset') expect(one.end()).toBe('ECONNRESET')
    proxy.set(undefined)
  })

  it('ends one direction alone, and the rest with the fault', async () => {
    proxy.set({ kind: 'cut', after: 3, how: 'half-close' })
    const one = await line()
    one.socket.write('hello')
    await until('what came before the cut, and its end', () => one.end() === 'ended' || one.heard() === 'hel')
    expect(one.socket.destroyed).toBe(false)
    proxy.set(undefined)
    await until('the end of it', () => one.socket.destroyed || one.end() !== undefined)
  })

  it('resets whoever is connected and whoever comes', async () => {
    const one = await line()
    await say(one, 'hello')
    proxy.set({ kind: 'reset' })
    await until('the reset', () => one.end() === 'ECONNRESET')
    const another = connect({ host: '127.0.0.1', port: proxy.port })
    const [error] = await once(another, 'error')
    expect(error).toMatchObject({ code: 'ECONNRESET' })
    proxy.set(undefined)
    await say(await line(), 'and all is well')
  })
})
