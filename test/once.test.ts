import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { buildApp } from '../api/app.ts'
import { begin } from '../api/once/begin.ts'
import { forgetOldKeys } from '../core/db/idempotency.ts'
import { createKey, type Scope } from '../core/db/keys.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'
import { neighbourOf } from './setup/neighbour.ts'
import { stallAnswers } from './setup/stalled.ts'

type App = Awaited<ReturnType<typeof buildApp>>
type House = Parameters<typeof buildApp>[0]
let house: TestHouse
let apps: App[]

async function open(parts: House): Promise<App> {
  const app = await buildApp(parts)
  atEnd(() => app.close())
  return app
}
beforeAll(async () => {
  house = await testHouse({ env: { MAX_FORM_BYTES: '1MiB' } })
  apps = [await open(house), await open(neighbourOf(house))]
})

type Sending = { key?: string | undefined; url?: string; app?: number; headers?: Record<string, string> }
const json = (payload: unknown, { key, url = '/v1/assets', app = 0, headers = {} }: Sending = {}) =>
  (apps[app] as App).inject({
    method: 'POST',
    url,
    headers: { host: 'localhost', ...(key === undefined ? {} : { 'idempotency-key': key }), ...headers },
    payload: payload as object,
  })
const form = (file: { name: string; text: string }, sending: Sending = {}) => {
  const boundary = randomUUID()
  const part = (head: string, text: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${text}\r\n`
  const body = `${part('name="metadata"', '{"a":1}')}${part(`name="file"; filename="${file.name}"`, file.text)}--${boundary}--\r\n`
  return json(Buffer.from(body), {
    ...sending,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  })
}
const source = { url: 'https://example.com/cat.mp4' }
const assetsNow = async () => (await house.db.selectFrom('assets').select('id').execute()).length
const storedNow = async () =>
  (await readdir(house.config.STORAGE_DIR, { recursive: true, withFileTypes: true })).filter((file) => file.isFile())
    .length

describe('a POST with an Idempotency-Key', () => {
  it('that comes again gets the first answer, in another process too, and makes nothing more', async () => {
    const key = randomUUID()
    const first = await json({ source, priority: 'high', metadata: { a: 1, b: 2 } }, { key })
    expect(first.statusCode).toBe(202)
    expect(first.headers).not.toHaveProperty('idempotent-replayed')
    const before = await assetsNow()
    for (const app of [0, 1]) {
      const again = await json({ metadata: { b: 2, a: 1 }, priority: 'high', source }, { key, app })
      expect(again.statusCode).toBe(202)
      expect(again.body).toBe(first.body)
      expect(again.headers).toMatchObject({
        'idempotent-replayed': 'true',
        location: first.headers['location'],
        'content-type': first.headers['content-type'],
      })
    }
    expect(await assetsNow()).toBe(before)
  })

  it('says so when the key stood for another request: by its body or by its path', async () => {
    const key = randomUUID()
    const { id } = (await json({ source }, { key })).json()
    const before = await assetsNow()
    for (const again of [
      await json({ source, priority: 'low' }, { key }),
      await json({ source: { url: 'https://example.com/dog.mp4' } }, { key }),
      await json({ source }, { key, url: `/v1/assets/${id}/cancel` }),
      await form({ name: 'a.mp4', text: 'x' }, { key }),
    ])
      expect(again.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' })
    expect(await assetsNow()).toBe(before)
  })

  it.each([
    ['an empty one', ''],
    ['one of 256 characters', 'x'.repeat(256)],
    ['letters outside ASCII', 'schlüssel'],
    ['a control character', 'a\u0007b'],
  ])('%s is refused as a key', async (_what, key) => {
    expect((await json({ source }, { key })).json()).toMatchObject({ status: 400, code: 'invalid_request' })
  })

  it('takes any 255 printable characters', async () => {
    expect((await json({ source }, { key: `${'~'.repeat(253)} !` })).statusCode).toBe(202)
  })

  it('gives a refusal that judges the request again, and forgets one that may pass', async () => {
    const key = randomUUID()
    const refused = await json({ source: { url: 'ftp://example.com/x' } }, { key })
    expect(refused.json().code).toBe('url_not_allowed')
    const again = await json({ source: { url: 'ftp://example.com/x' } }, { key })
    expect(again.body).toBe(refused.body)
    expect(again.headers['idempotent-replayed']).toBe('true')

    const { id } = (await json({ source })).json()
    const url = `/v1/assets/${id}/cancel`
    expect((await json({}, { key: 'first', url })).statusCode).toBe(200)
    expect((await json({}, { key: 'second', url })).json().code).toBe('conflict')
    expect((await json({}, { key: 'second', url })).headers).not.toHaveProperty('idempotent-replayed')
    expect((await json({}, { key: 'first', url })).json()).toMatchObject({ status: 'cancelled' })
  })

  it('after a day begins anew, and by then its row is gone', async () => {
    const key = randomUUID()
    const { id } = (await json({ source }, { key })).json()
    const old = house.db.updateTable('idempotency').set({ created_at: new Date(Date.now() - 24 * 3_600_000 - 1_000) })
    await old.execute()
    const again = (await json({ source }, { key })).json()
    expect(again.id).not.toBe(id)
    await old.execute()
    expect(await forgetOldKeys(house.db)).toBeGreaterThan(0)
    expect(await house.db.selectFrom('idempotency').selectAll().execute()).toEqual([])
  })

  it('leaves neither its key nor its answer to be read in the database', async () => {
    const key = randomUUID()
    const { id } = (await json({ source, metadata: { secret: 'shown-once' } }, { key })).json()
    const row = await house.db
      .selectFrom('idempotency')
      .selectAll()
      .where('asset_id', '=', id)
      .executeTakeFirstOrThrow()
    const kept = Object.values(row).map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value)))
    for (const secret of [key, 'shown-once', 'cat.mp4']) expect(kept.join('\n')).not.toContain(secret)
  })
})

describe('a form with an Idempotency-Key', () => {
  it('is the same when file, name and fields are, however it is wrapped; and keeps no second copy', async () => {
    const key = randomUUID()
    const first = await form({ name: 'film.mp4', text: 'bytes' }, { key })
    expect(first.statusCode).toBe(202)
    const before = await storedNow()
    const again = await form({ name: 'film.mp4', text: 'bytes' }, { key, app: 1 })
    expect(again.body).toBe(first.body)
    expect(again.headers['idempotent-replayed']).toBe('true')
    for (const other of [
      { name: 'film.mp4', text: 'bytez' },
      { name: 'other.mp4', text: 'bytes' },
    ])
      expect((await form(other, { key })).json().code).toBe('idempotency_key_reused')
    expect(await storedNow()).toBe(before)
  })

  it('that was refused for what stood in it may be sent right', async () => {
    const key = randomUUID()
    expect((await form({ name: 'a.mp4', text: '' }, { key })).json().code).toBe('invalid_request')
    expect((await form({ name: 'a.mp4', text: 'x' }, { key })).statusCode).toBe(202)
  })
})

describe('an upload with an Idempotency-Key', () => {
  it('over tus is made once: the same headers give the same Location, others are another request', async () => {
    const key = randomUUID()
    const create = (length: number) =>
      (apps[length % 2] as App).inject({
        method: 'POST',
        url: '/v1/tus',
        headers: { host: 'localhost', 'idempotency-key': key, 'tus-resumable': '1.0.0', 'upload-length': length },
      })
    const first = await create(1_000)
    expect(first.statusCode).toBe(201)
    const again = await create(1_000)
    expect(again.statusCode).toBe(201)
    expect(again.headers).toMatchObject({
      ...{ 'idempotent-replayed': 'true', location: first.headers['location'], 'asset-id': first.headers['asset-id'] },
    })
    expect((await create(1_001)).json().code).toBe('idempotency_key_reused')
  })

  it('in chunks is made once', async () => {
    const sending = { key: randomUUID(), url: '/v1/uploads' }
    const before = await assetsNow()
    const first = await json({ filename: 'a.mp4', bytes: 1_000 }, sending)
    expect(first.statusCode).toBe(201)
    expect((await json({ bytes: 1_000, filename: 'a.mp4' }, { ...sending, app: 1 })).body).toBe(first.body)
    expect(await assetsNow()).toBe(before + 1)
  })
})

describe('a hundred at once with one key, over two processes', () => {
  it('make one asset, and all hear the same', async () => {
    const [key, before] = [randomUUID(), await assetsNow()]
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => json({ source }, { key, app: n % 2 })))
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1)
    expect(await assetsNow()).toBe(before + 1)
  })

  it('with a form make one asset and keep one file', async () => {
    const [key, assets, files] = [randomUUID(), await assetsNow(), await storedNow()]
    const film = { name: 'film.mp4', text: 'the same bytes' }
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => form(film, { key, app: n % 2 })))
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1)
    expect([await assetsNow(), await storedNow()]).toEqual([assets + 1, files + 1])
  })
})

describe('while the first is still at work', () => {
  it('another request with its key is refused at once, and the same waits so long and no longer', async () => {
    const key = randomUUID()
    const letGo = await stallAnswers(house.databaseUrl)
    const first = json({ source }, { key })
    const row = await vi.waitFor(() =>
      house.db.selectFrom('idempotency').selectAll().where('status', 'is', null).executeTakeFirstOrThrow(),
    )
    expect((await json({ source, priority: 'low' }, { key, app: 1 })).json().code).toBe('idempotency_key_reused')
    const again = { house, ref: row, requestHash: row.request_hash, gone: new AbortController().signal }
    await expect(begin({ ...again, waitMs: 100 })).rejects.toMatchObject({
      code: 'idempotency_in_progress',
      status: 409,
    })
    const waiting = json({ source }, { key, app: 1 })
    await letGo()
    expect((await waiting).body).toBe((await first).body)
  })

  it('its caller may hang up: what it did is answered to the next', async () => {
    const key = randomUUID()
    const listening = await open(neighbourOf(house))
    await listening.listen({ host: '127.0.0.1', port: 0 })
    const { port } = listening.server.address() as AddressInfo
    const letGo = await stallAnswers(house.databaseUrl)
    const before = await assetsNow()
    const body = JSON.stringify({ source })
    const caller = connect(port, '127.0.0.1')
    caller.write(
      `POST /v1/assets HTTP/1.1\r\nhost: localhost\r\nidempotency-key: ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await vi.waitFor(async () => expect(await assetsNow()).toBe(before + 1))
    caller.destroy()
    await letGo()
    const again = await json({ source }, { key })
    expect(again.statusCode).toBe(202)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(await assetsNow()).toBe(before + 1)
  })
})

describe('a first try that failed after it had made the asset', () => {
  it.each([
    ['an address', (sending: Sending) => json({ source }, sending)],
    ['a form', (sending: Sending) => form({ name: 'a.mp4', text: 'x' }, sending)],
  ])('%s: the next gets that asset, and no other is made', async (_what, send) => {
    const push = { ...house.push, push: () => expect.fail('broken') }
    apps[2] = await open({ ...house, push })
    const [key, before] = [randomUUID(), await assetsNow()]
    expect((await send({ key, app: 2 })).statusCode).toBe(500)
    expect(await assetsNow()).toBe(before + 1)
    const files = await storedNow()
    const again = await send({ key })
    expect(again.statusCode).toBe(202)
    expect(again.headers).not.toHaveProperty('asset-existed')
    expect([await assetsNow(), await storedNow()]).toEqual([before + 1, files])
    expect((await send({ key, app: 1 })).body).toBe(again.body)
  })
})

describe('keys of others', () => {
  it('are apart: another tenant’s, and those of whoever may do other things', async () => {
    const keyed = await testHouse({ env: { AUTH: 'keys' } })
    const app = await open(keyed)
    const as = async (tenant: string, scopes: Scope[]) => {
      const { secret } = await createKey(keyed.db, { tenant, name: 'test', scopes })
      const headers = { authorization: `Bearer ${secret}`, 'idempotency-key': 'order-1' }
      return app.inject({ method: 'POST', url: '/v1/assets', headers, payload: { source } })
    }
    const first = await as('one', ['assets'])
    expect((await as('two', ['assets'])).json().id).not.toBe(first.json().id)
    expect((await as('one', ['webhooks'])).statusCode).toBe(403)
    expect((await as('one', ['assets'])).body).toBe(first.body)
    expect(await keyed.db.selectFrom('assets').select('id').execute()).toHaveLength(2)
  })
})
