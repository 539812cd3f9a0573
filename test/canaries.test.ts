import { createServer } from 'node:http'
import { setTimeout as rest } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { createKey } from '../core/db/keys.ts'
import { openDatabase } from '../core/db/open.ts'
import { listenLocally } from '../scripts/servers/listen.ts'
import { atEnd } from './setup/at-end.ts'
import { type LiveHouse, type LiveProcess, liveHouse } from './setup/live-house.ts'

/** Secrets of every kind. None may be found anywhere outside of where it is kept. */
const secrets = {
  password: 'CANARY-of-the-operator',
  signing: `CANARY-of-signing-${'x'.repeat(20)}`,
  metrics: 'CANARY-of-the-metrics',
  wrongKey: `sl_CANARY${'k'.repeat(26)}`,
  wrongToken: `eyJhbGciOiJub25lIn0.CANARY${'t'.repeat(20)}.CANARY${'s'.repeat(20)}`,
  signature: 'CANARYsignatureOfAnAddress',
  user: 'CANARYuser',
}
const forged = 'a\n{"level":"fatal","msg":"forged"}\r\n\x1b[2J\x9b31m\u202e$' + '{jndi:ldap://x}.mp4'
const longestLine = 32_768

describe('a house that was told secrets and strange names', () => {
  let house: LiveHouse
  let worker: LiveProcess
  let key = ''
  const answers: string[] = []
  let rows = ''

  beforeAll(async () => {
    const origin = await signedOrigin()
    const { password, signing, metrics } = secrets
    const env = { ADMIN_PASSWORD: password, SIGNING_SECRET: signing, METRICS_TOKEN: metrics }
    house = await liveHouse({ env: { ...env, AUTH: 'keys', FETCH_ALLOW: origin.allow, LOG_LEVEL: 'trace' } })
    worker = await house.worker()
    const db = openDatabase({ url: house.databaseUrl, name: 'test', onError: () => undefined })
    atEnd(() => db.destroy())
    key = (await createKey(db, { tenant: 'acme', name: 'test', scopes: ['assets', 'uploads'] })).secret
    const ids = [...(await sendAddresses(origin.base)), await sendFile()]
    await knock()
    for (const id of ids) answers.push(await ended(id))
    for (const table of ['tasks', 'events'] as const)
      rows += JSON.stringify(await db.selectFrom(table).selectAll().execute())
  }, 90_000)

  async function call(path: string, init: RequestInit = {}, credentials = `Bearer ${key}`): Promise<string> {
    const answer = await fetch(house.url + path, { ...init, headers: { authorization: credentials, ...init.headers } })
    const text = await answer.text()
    answers.push(text, JSON.stringify([...answer.headers]))
    return text
  }
  const post = (body: unknown) =>
    call('/v1/assets', { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  const idOf = (text: string) => {
    const { id } = JSON.parse(text)
    if (typeof id === 'string') return id
    throw new Error(text)
  }

  /** Addresses that are over, that lead astray, break off, and that are no media: signed, each of them. */
  async function sendAddresses(base: string): Promise<string[]> {
    const query = `?X-Amz-Signature=${secrets.signature}&token=${secrets.signature}`
    const ids: string[] = []
    for (const way of ['gone', 'astray', 'text', 'page'])
      ids.push(idOf(await post({ source: { url: `${base}/${way}${query}` } })))
    await post({ source: { url: `https://${secrets.user}:${secrets.user}@example.com/${query}` } })
    await post({ source: { url: `http://127.0.0.1/${query}` } })
    await post({ source: { url: 5, note: secrets.signature }, metadata: [secrets.signature] })
    return ids
  }

  /** A film that is none, under a name that would like to be several lines. */
  async function sendFile(): Promise<string> {
    const form = new FormData()
    const noise = `\0\0\0\x18ftypisom\0\0\0\0isommp42${forged.repeat(200)}`
    form.set('file', new Blob([Buffer.from(noise, 'latin1')]), 'x.mp4')
    form.set('metadata', JSON.stringify({ title: forged }))
    form.set('externalId', forged)
    return idOf(await call('/v1/assets', { method: 'POST', body: form }))
  }

  /** With everything that opens nothing. */
  async function knock(): Promise<void> {
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    await call('/v1/assets', {}, `Bearer ${secrets.wrongKey}`)
    await call('/v1/assets', {}, `Bearer ${secrets.wrongToken}`)
    await call('/admin/queues', {}, basic(`admin:${secrets.wrongKey}`))
    await call('/admin/queues', {}, basic(`admin:${secrets.password}`))
    await call(`/v1/assets?token=${secrets.signature}&limit=x`)
    await call(`/media/~1999999999.${secrets.signature}/acme/x/g1/hls/a.ts?sig=${secrets.signature}`)
    await call(`/${encodeURIComponent(forged)}/${'x'.repeat(6_000)}`)
    await call('/v1/assets', { headers: { 'x-request-id': `${secrets.signature} ${'y'.repeat(200)}` } })
  }

  async function ended(id: string): Promise<string> {
    const deadline = performance.now() + 30_000
    for (;;) {
      const text = await call(`/v1/assets/${id}`)
      if (performance.now() > deadline) throw new Error(`${id} is still ${text}: ${worker.log().slice(-5_000)}`)
      const { status } = JSON.parse(text)
      if (status === 'failed') return text
      if (status !== 'queued' && status !== 'processing') throw new Error(`${id} became ${text}`)
      await rest(100)
    }
  }

  const lines = () => (house.api.log() + worker.log()).trimEnd().split('\n')

  it('writes one object of JSON a line, none of them long or forged', () => {
    expect(lines().length).toBeGreaterThan(20)
    for (const line of lines()) {
      expect(line.length).toBeLessThan(longestLine)
      expect(JSON.parse(line)).not.toMatchObject({ level: 'fatal' })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/)
    }
  })

  it('tells no secret in any line, answer, task or event', () => {
    const found: string[] = []
    for (const [where, text] of Object.entries({ log: lines().join('\n'), answers: answers.join('\n'), rows }))
      for (const secret of [...Object.values(secrets), key, house.databaseUrl])
        if (text.includes(secret)) found.push(`${where}: ${text.slice(text.indexOf(secret) - 200).slice(0, 300)}`)
    expect(found).toEqual([])
    expect(rows).toContain('source_expired')
  })
})

/** A stranger's server whose answers all go wrong. */
async function signedOrigin() {
  const server = createServer((request, response) => {
    const [way = '', query = ''] = (request.url ?? '').split('?', 2)
    if (way === '/gone') response.writeHead(403).end(query)
    else if (way === '/astray') response.writeHead(302, { location: `http://127.0.0.1:1/?${query}` }).end()
    else if (way === '/page') response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>${query}`)
    else response.writeHead(200).end(query.repeat(50))
  })
  const port = await listenLocally(server)
  atEnd(async () => {
    server.closeAllConnections()
    server.close()
  })
  return { base: `http://127.0.0.1:${port}`, allow: `127.0.0.1:${port}` }
}
