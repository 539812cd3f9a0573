import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { acceptAsset } from '../core/accept.ts'
import { handlers } from '../workers/handlers.ts'
import { ingestJob } from '../workers/ingest/ingest-job.ts'
import { usualPace } from '../workers/notify/pace.ts'
import { post as postTo } from '../workers/notify/post.ts'
import { runTask } from '../workers/run-task.ts'
import { atEnd } from './setup/at-end.ts'
import { type Answer, dnsServer } from './setup/dns-server.ts'
import { readAsset, type TestHouse, testHouse } from './setup/house.ts'
import { redirects, resolved, visible } from './threats/addresses.ts'

let strict: TestHouse
let house: TestHouse
let app: Awaited<ReturnType<typeof buildApp>>
let canary: { port: number; connections: number }
let site: string
let names: Awaited<ReturnType<typeof dnsServer>>

/** Listens wherever a row may lead that can be listened on here, and must never hear anybody. */
async function startCanary() {
  const bird = { port: 0, connections: 0 }
  const perch = async (host: string, port: number) => {
    const server = createTcp((socket) => {
      bird.connections++
      socket.destroy()
    })
    const there = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, host, () => resolve(true))
    })
    if (there) atEnd(async () => void server.close())
    const address = server.address()
    return address !== null && typeof address !== 'string' ? address.port : 0
  }
  bird.port = await perch('127.0.0.1', 0)
  await perch('::1', bird.port)
  // Not everybody may listen on these; where it can be had, a name that leads there is heard as well.
  for (const port of [80, 443]) for (const host of ['127.0.0.1', '::1']) await perch(host, port)
  return bird
}

/** A host of strangers that the operator allows. */
async function startSite(host: string, port: number, listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await once(server.listen(port, host), 'listening')
  atEnd(async () => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const filled = (input: string) => input.replaceAll('PORT', String(canary.port))

/** What a name of the one that rebinds is answered, question after question; then the last again. */
let rebinding = ['127.0.0.1']
const answers = new Map<string, Answer>(resolved.map(({ input, answer }) => [new URL(input).hostname, answer]))

beforeAll(async () => {
  canary = await startCanary()
  names = await dnsServer((name, kind) => {
    if (name === 'rebinds.example.com') return { addresses: ['127.0.0.1'] }
    if (name !== 'rebinds.internal') return answers.get(name)
    if (kind === 'ipv6') return { addresses: [] }
    const next = rebinding.length > 1 ? rebinding.shift() : rebinding[0]
    return { addresses: next === undefined ? [] : [next] }
  })
  const sitePort = await startSite('127.0.0.1', 0, (request, response) => {
    const to = redirects[Number(request.url?.slice(1))]?.input ?? '/again'
    response.writeHead([301, 302, 307, 308][Math.floor(Math.random() * 4)] ?? 302, { location: filled(to) }).end()
  })
  // An origin on another loopback address, on the very port of the canary: only the address tells them apart.
  await startSite('127.0.0.2', canary.port, (request, response) =>
    request.url === '/twice' ? response.writeHead(302, { location: '/' }).end() : response.end('bytes'),
  )
  site = `http://127.0.0.1:${sitePort}`
  const env = { FETCH_ALLOW: `127.0.0.1:${sitePort},127.0.0.2:${canary.port}`, DNS_SERVERS: names.server }
  house = await testHouse({ env })
  // Without a word of anybody who may be fetched from: as most are run.
  strict = await testHouse()
  app = await buildApp(strict)
  atEnd(() => app.close())
})
beforeEach(() => {
  canary.connections = 0
})

const post = (payload: object) =>
  app.inject({ method: 'POST', url: '/v1/assets', headers: { host: 'localhost' }, payload })

/** The worker's own judgement of an address that came past the door. */
async function fetched(url: string, by = house) {
  const { asset, reminders } = await acceptAsset(by, { tenant: 'default', source: { type: 'url', url } })
  const taskId = reminders[0]?.taskId ?? ''
  const run = await runTask({ house: by, taskId, handlers, closing: new AbortController().signal })
  return { run, error: (await readAsset(by, asset.id)).error }
}

describe('an address that leads inside, at the door', () => {
  it.each(visible)('$threat at the door: $input is refused', async ({ input, code, because }) => {
    const answer = await post({ source: { url: filled(input) } })
    expect(answer.json()).toMatchObject({ status: 422, code, detail: expect.stringMatching(because) })
    expect(canary.connections).toBe(0)
  })

  it.each(visible)('$threat as a webhook: $input is refused', async ({ input, code, because }) => {
    const answer = await post({ source: { url: 'https://example.com/x' }, webhookUrl: filled(input) })
    expect(answer.json()).toMatchObject({ status: 422, code, errors: [{ path: 'webhookUrl' }] })
    expect(answer.json().detail.replace('called', 'fetched')).toMatch(because)
  })

  it.each(visible)('$threat over the queue: $input is refused', async ({ input, code }) => {
    const job = { id: '1', timestamp: Date.now(), data: { source: { url: filled(input) } } }
    await expect(ingestJob({ house: strict, job })).rejects.toThrow(new RegExp(`^${code}`))
  })

  it('leaves no row behind', async () => {
    expect(await strict.db.selectFrom('assets').select('id').execute()).toEqual([])
  })
})

describe('an address that leads inside, at the worker', () => {
  it.each(visible)('$threat at the worker: $input is refused', async ({ input, code, because }) => {
    const { run, error } = await fetched(filled(input), strict)
    expect(run).toMatchObject({ end: 'failed', code })
    expect(error).toMatchObject({ code, message: expect.stringMatching(because), retryable: false })
    expect(canary.connections).toBe(0)
  })

  it.each(resolved)(
    '$threat at the worker: a name that resolves to $answer is refused',
    async ({ input, code, because }) => {
      expect((await post({ source: { url: input } })).statusCode).toBe(202)
      const { error } = await fetched(input)
      expect(error).toMatchObject({ code, message: expect.stringMatching(because) })
      expect(canary.connections).toBe(0)
      expect(names.asked).toContain(`ipv6 ${new URL(input).hostname}`)
    },
  )

  it.each(redirects.map((row, at) => ({ ...row, at })))(
    '$threat at the worker: a redirect to $input is not followed',
    async ({ at, code, because }) => {
      const { error } = await fetched(`${site}/${at}`)
      expect(error).toMatchObject({ code, message: expect.stringMatching(because) })
      expect(canary.connections).toBe(0)
    },
  )
})

describe('B39 a webhook that leads inside, at whoever sends it', () => {
  const sent = (url: string, by: TestHouse) =>
    postTo({
      ...{ url: filled(url), headers: {}, body: '{}', allow: by.config.FETCH_ALLOW, resolve: by.resolve },
      ...{ pace: usualPace, signal: new AbortController().signal },
    })

  it.each(visible)('$input is not called', async ({ input, because }) => {
    const { status, error } = await sent(input, strict)
    expect(status).toBeNull()
    expect(error?.replace('called', 'fetched')).toMatch(because)
    expect(canary.connections).toBe(0)
  })

  it.each(resolved)('a name that resolves to $answer is not called', async ({ input, because }) => {
    expect(await sent(input, house)).toEqual({ status: null, error: expect.stringMatching(because) })
    expect(canary.connections).toBe(0)
  })

  it.each(redirects.map((row, at) => ({ ...row, at })))('a redirect to $input is not followed', async ({ at }) => {
    expect(await sent(`${site}/${at}`, house)).toMatchObject({
      status: expect.any(Number),
      error: expect.stringMatching(/redirects/),
    })
    expect(canary.connections).toBe(0)
  })
})

describe('B5 a name that changes its answer', () => {
  const url = (path: string) => `http://rebinds.internal:${canary.port}${path}`

  it('is connected to at the very address that was judged', async () => {
    rebinding = ['127.0.0.2', '127.0.0.1']
    expect((await fetched(url('/'))).run).toEqual({ end: 'done' })
    expect(rebinding).toEqual(['127.0.0.1'])
    expect(canary.connections).toBe(0)
  })

  it('is refused from then on, also in the middle of a fetch', async () => {
    rebinding = ['127.0.0.1']
    expect((await fetched(url('/'))).error).toMatchObject({ code: 'url_not_allowed' })
    rebinding = ['127.0.0.2', '127.0.0.1']
    expect((await fetched(url('/twice'))).error).toMatchObject({ code: 'url_not_allowed' })
    expect(canary.connections).toBe(0)
  })
})

describe('B7 what an address carries', () => {
  it('its query is in no row but the one that needs it, and in no answer', async () => {
    for (const url of [`${site}/0?sig=CANARY`, `http://127.0.0.1:${canary.port}/?sig=CANARY`]) {
      await fetched(url)
      await fetched(url, strict)
    }
    const answer = await post({ source: { url: 'https://example.com/a.jpg?sig=CANARY' } })
    const lists = await Promise.all(
      ['', `/${answer.json().id}`, `/${answer.json().id}/tasks`].map((path) =>
        app.inject({ url: `/v1/assets${path}`, headers: { host: 'localhost' } }),
      ),
    )
    const rows = [house, strict].flatMap(({ db }) => [
      db.selectFrom('tasks').selectAll().execute(),
      db.selectFrom('events').selectAll().execute(),
      db.selectFrom('assets').select(['error', 'source_filename']).execute(),
    ])
    const told = [answer.body, ...lists.map(({ body }) => body), JSON.stringify(await Promise.all(rows))].join()
    expect(told).not.toContain('CANARY')
  })
})

it('the canary does hear whoever is let through to it', async () => {
  const open = await testHouse({ env: { FETCH_ALLOW: '127.0.0.1' } })
  const url = `http://127.0.0.1:${canary.port}/`
  const { reminders } = await acceptAsset(open, { tenant: 'default', source: { type: 'url', url } })
  const taskId = reminders[0]?.taskId ?? ''
  await runTask({ house: open, taskId, handlers, closing: new AbortController().signal })
  expect(canary.connections).toBe(1)
})
