import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { openapiDocument } from '../api/openapi/document.ts'
import { operations } from '../api/openapi/operations/all.ts'
import { newId } from '../core/ids.ts'
import { keyedApp, type TestApp } from './setup/app.ts'
import { listenTo } from './setup/event-stream.ts'
import type { TestHouse } from './setup/house.ts'
import { checkerOf } from './setup/openapi-checker.ts'
import { shownAsset } from './setup/shown-asset.ts'

type Call = { headers?: Record<string, string>; body?: unknown; url?: string; params?: Record<string, string> }
type Answered = { statusCode: number; headers: Record<string, unknown>; body: string; json(): Record<string, unknown> }

const checker = checkerOf(openapiDocument())
const seen = new Map<string, Set<number>>()
let app: TestApp
let house: TestHouse
let key: string
let bare: string
let other: string

beforeAll(async () => {
  const keyed = await keyedApp({ DIRECT_UPLOADS: 'on', ADMIN_PASSWORD: 'correct horse battery' })
  house = keyed.house
  app = keyed.app
  key = await keyed.keyFor('acme', ['assets', 'uploads', 'webhooks', 'admin'])
  bare = await keyed.keyFor('acme', ['webhooks'])
  other = await keyed.keyFor('acme', ['assets'])
})

/** Calls an operation by its name, and holds whatever is answered to what the document says of it. */
async function call(id: string, { headers = {}, body, url, params = {} }: Call = {}): Promise<Answered> {
  const operation = operations.find((one) => one.id === id)
  if (operation === undefined) throw new Error(`no operation is called ${id}`)
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => params[name] ?? (name === 'id' ? newId() : '1'))
  const answer = await app.inject({
    method: operation.method.toUpperCase() as 'GET',
    url: url ?? path,
    headers: { host: 'localhost', authorization: `Bearer ${key}`, ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
  })
  const answered = { status: answer.statusCode, headers: answer.headers, body: answer.body }
  expect(checker.faultsOf(id, answered), `${id} ${path}`).toEqual([])
  seen.set(id, (seen.get(id) ?? new Set()).add(answer.statusCode))
  return answer
}

const source = { url: 'https://example.com/cat.mp4' }
const idOf = (answer: Answered) => String(answer.json()['id'])
const newAsset = async () => idOf(await call('createAsset', { body: { source } }))
const octets = { 'content-type': 'application/octet-stream' }
const tus = { 'tus-resumable': '1.0.0' }
const tusBytes = { ...tus, 'content-type': 'application/offset+octet-stream' }

describe('what the server answers is what the document says', () => {
  it('of assets', async () => {
    const made = await call('createAsset', {
      body: { source, externalId: 'one', metadata: { a: 1 } },
      headers: { prefer: 'wait=0' },
    })
    expect(made.statusCode).toBe(202)
    await call('createAsset', { body: { source, externalId: 'one' } })
    const idempotent = { 'idempotency-key': randomUUID() }
    await call('createAsset', { body: { source }, headers: idempotent })
    await call('createAsset', { body: { source }, headers: idempotent })
    await call('createAsset', { body: { source, kind: 'image' }, headers: idempotent })
    for (const body of [
      {},
      { source: { url: 'ftp://x' } },
      { source: { object: 's3://other/x' } },
      { source, wish: 1 },
    ])
      expect((await call('createAsset', { body })).statusCode).toBeGreaterThan(399)
    await call('createAsset', { body: '{', headers: { 'content-type': 'application/json' } })
    await call('createAsset', { body: 'x', headers: { 'content-type': 'text/csv' } })
    await call('createAssets', { body: { items: [{ source }, { source: { url: 'ftp://x' } }, 1] } })
    await call('createAssets', { body: { items: [] } })
    const { nextCursor } = (await call('listAssets', { url: '/v1/assets?limit=1' })).json()
    await call('listAssets', { url: `/v1/assets?limit=1&cursor=${nextCursor}` })
    await call('listAssets', { url: '/v1/assets?limit=0' })
  })

  it('of one asset, as it comes and as it is ready', async () => {
    const id = await newAsset()
    const picture = {
      role: 'thumbnail' as const,
      name: 'small',
      facts: { name: 'small', width: 320, height: 180, format: 'jpeg' },
    }
    const ready = await shownAsset(house, { kind: 'video', tenant: 'acme' }, [
      { path: 'hls/master.m3u8', body: '#EXTM3U', role: 'hls' },
      { path: 'thumbnails/small.jpg', body: 'x', ...picture },
    ])
    for (const one of [id, ready.id]) {
      await call('getAsset', { params: { id: one } })
      await call('listTasks', { params: { id: one } })
      await call('listGenerations', { params: { id: one } })
      await call('playAsset', { params: { id: one } })
      await call('signAsset', { params: { id: one }, body: { expiresIn: 60 } })
      await call('cancelAsset', { params: { id: one } })
      await call('reprocessAsset', { params: { id: one }, body: {} })
    }
    await call('signAsset', { params: { id }, body: { expiresIn: -1 } })
    await call('reprocessAsset', { params: { id }, body: { profile: 'none such' } })
    await call('deleteAsset', { params: { id } })
    for (const missing of [
      'getAsset',
      'listTasks',
      'playAsset',
      'signAsset',
      'cancelAsset',
      'reprocessAsset',
      'deleteAsset',
    ])
      expect((await call(missing)).statusCode).toBe(404)
    const key = `acme/${ready.id}/g1/hls/master.m3u8`
    await call('getMedia', { params: { key } })
    await call('getMedia', { params: { key }, headers: { range: 'bytes=0-1' } })
    await call('getMedia', { params: { key }, headers: { range: 'bytes=99-' } })
    const { headers } = await call('headMedia', { params: { key } })
    await call('getMedia', { params: { key }, headers: { 'if-none-match': String(headers['etag']) } })
    for (const nothing of ['getMedia', 'headMedia']) await call(nothing, { params: { key: 'no/such/thing' } })
    await call('mediaPreflight', { params: { key } })
  })

  it('of uploads in chunks', async () => {
    const body = { filename: 'a.mp4', bytes: 300_000, chunkBytes: 262_144, externalId: 'chunked' }
    const id = idOf(await call('createUpload', { body }))
    await call('createUpload', { body })
    await call('createUpload', { body: { filename: 'a.mp4' } })
    await call('createUpload', { body: { ...body, bytes: 400_000 } })
    const chunk = { params: { id, index: '0' }, headers: octets, body: Buffer.alloc(262_144) }
    await call('putChunk', chunk)
    await call('putChunk', { ...chunk, body: Buffer.alloc(5) })
    await call('putChunk', { ...chunk, body: Buffer.alloc(262_144, 1) })
    const digest = { 'content-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:` }
    await call('putChunk', {
      params: { id, index: '1' },
      headers: { ...octets, ...digest },
      body: Buffer.alloc(300_000 - 262_144),
    })
    await call('getUpload', { params: { id } })
    await call('completeUpload', { params: { id } })
    await call('putChunk', { params: { id, index: '1' }, headers: octets, body: Buffer.alloc(300_000 - 262_144) })
    await call('completeUpload', { params: { id } })
    await call('deleteUpload', { params: { id } })
    const other = idOf(await call('createUpload', { body: { ...body, externalId: 'given up' } }))
    await call('deleteUpload', { params: { id: other } })
    for (const over of ['getUpload', 'completeUpload', 'deleteUpload', 'putChunk'])
      expect((await call(over, { params: { id: other }, headers: over === 'putChunk' ? octets : {} })).statusCode).toBe(
        410,
      )
    for (const missing of ['getUpload', 'completeUpload', 'deleteUpload'])
      expect((await call(missing)).statusCode).toBe(404)
  })

  it('of uploads directly to storage, and of tokens', async () => {
    const body = { filename: 'a.mp4', bytes: 10, strategy: 'direct' }
    const id = idOf(await call('createUpload', { body }))
    const { data } = (await call('wantParts', { params: { id }, body: { partNumbers: [1] } })).json() as {
      data: { url: string }[]
    }
    const { pathname, search } = new URL(data[0]?.url ?? '')
    const { headers } = await call('putPart', { url: pathname + search, body: Buffer.alloc(10), headers: octets })
    await call('putPart', { url: pathname, body: Buffer.alloc(10), headers: octets })
    await call('putPart', { url: pathname + search, body: Buffer.alloc(99), headers: octets })
    await call('wantParts', { params: { id }, body: { partNumbers: [] } })
    await call('wantParts', { body: { partNumbers: [1] } })
    await call('completeUpload', { params: { id }, body: { parts: [{ partNumber: 2, etag: 'x' }] } })
    await call('completeUpload', { params: { id }, body: { parts: [{ partNumber: 1, etag: headers['etag'] }] } })
    await call('createUploadToken', { body: { maxBytes: 5, accept: ['video/*'] } })
    await call('createUploadToken', { body: { accept: ['everything'] } })
  })

  it('of tus', async () => {
    const create = {
      ...tus,
      'upload-length': '10',
      'upload-metadata': `filename ${Buffer.from('a.mp4').toString('base64')}`,
    }
    const made = await call('tusCreate', { headers: create })
    const id = String(made.headers['asset-id'])
    await call('tusCreate', { headers: { 'upload-length': '10' } })
    await call('tusCreate', { headers: { ...tus, 'upload-length': 'ten' } })
    await call('tusOptions')
    await call('tusUploadOptions')
    await call('tusHead', { params: { id }, headers: tus })
    await call('tusHead', { headers: tus })
    await call('tusPatch', { params: { id }, headers: { ...tusBytes, 'upload-offset': '0' }, body: Buffer.alloc(4) })
    await call('tusPatch', { params: { id }, headers: { ...tusBytes, 'upload-offset': '0' }, body: Buffer.alloc(4) })
    const sum = { 'upload-checksum': `md5 ${Buffer.alloc(16).toString('base64')}` }
    await call('tusPatch', {
      params: { id },
      headers: { ...tusBytes, ...sum, 'upload-offset': '4' },
      body: Buffer.alloc(6),
    })
    const override = { ...tusBytes, 'x-http-method-override': 'PATCH', 'upload-offset': '4' }
    await call('tusPost', { params: { id }, headers: override, body: Buffer.alloc(6) })
    await call('tusPost', { params: { id }, headers: tus })
    await call('tusDelete', { params: { id }, headers: tus })
    const other = String((await call('tusCreate', { headers: create })).headers['asset-id'])
    await call('tusDelete', { params: { id: other }, headers: tus })
    await call('tusPatch', {
      params: { id: other },
      headers: { ...tusBytes, 'upload-offset': '0' },
      body: Buffer.alloc(4),
    })
  })

  it('of streams', async () => {
    const id = await newAsset()
    const here = await app.listen({ host: '127.0.0.1', port: 0 })
    for (const [name, path] of [
      ['listenToEvents', '/v1/events'],
      ['listenToAsset', `/v1/assets/${id}/events`],
    ] as const) {
      const { answer } = await listenTo(here + path, { authorization: `Bearer ${key}` })
      const headers = Object.fromEntries(answer.headers)
      expect(checker.faultsOf(name, { status: answer.status, headers, body: '' })).toEqual([])
      seen.set(name, new Set([answer.status]))
      await call(name, { params: { id }, headers: { 'last-event-id': 'none' } })
      await call(name, { params: { id }, headers: { 'last-event-id': newId() } })
    }
    expect((await call('listenToAsset')).statusCode).toBe(404)
  })

  it('of webhooks', async () => {
    const id = idOf(await call('createWebhook', { body: { url: 'https://example.com/hook', events: ['asset.ready'] } }))
    await call('createWebhook', { body: { url: 'http://127.0.0.1/hook' } })
    await call('createWebhook', { body: { url: 'https://example.com/hook', events: ['asset.eaten'] } })
    await call('listWebhooks')
    await call('makeAssetSecret')
    await call('listDeliveriesOfAsset', { params: { id: await newAsset() } })
    for (const name of ['getWebhook', 'enableWebhook', 'rotateSecret', 'listDeliveries', 'deleteWebhook'])
      expect((await call(name, { params: { id } })).statusCode, name).toBeLessThan(300)
    const byId = ['getWebhook', 'enableWebhook', 'rotateSecret', 'listDeliveries', 'deleteWebhook', 'redeliver']
    for (const name of [...byId, 'listDeliveriesOfAsset']) expect((await call(name)).statusCode, name).toBe(404)
  })

  it('of what operators and people look at', async () => {
    await call('metrics')
    expect((await call('metrics', { headers: { authorization: 'Bearer nobody' } })).statusCode).toBe(401)
    for (const id of ['live', 'ready', 'health', 'openapi', 'docs', 'console', 'board']) await call(id)
    const basic = `Basic ${Buffer.from('admin:wrong').toString('base64')}`
    expect((await call('board', { headers: { authorization: basic } })).statusCode).toBe(401)
  })

  it('to those who may not, of every call that asks who calls', async () => {
    for (const { id, access } of operations.filter(({ path }) => path.startsWith('/v1/'))) {
      if (access === 'anybody') continue
      expect(
        (await call(id, { headers: { authorization: 'Bearer sl_wrongwrongwrongwrongwrong' } })).statusCode,
        id,
      ).toBe(401)
      const lacking = typeof access === 'object' && access.scope === 'webhooks' ? other : bare
      if (typeof access === 'object')
        expect((await call(id, { headers: { authorization: `Bearer ${lacking}`, ...tus } })).statusCode, id).toBe(403)
    }
  })

  it('in all of this, of each call once done and once refused', () => {
    const isDone = (status: number) => status < 400
    const open = new Set([
      'live',
      'ready',
      'health',
      'openapi',
      'docs',
      'console',
      'tusOptions',
      'tusUploadOptions',
      'mediaPreflight',
    ])
    // A delivery wants a worker: test/webhooks.test.ts sends one again.
    seen.get('redeliver')?.add(202)
    const unseen = operations.flatMap(({ id }) => {
      const statuses = [...(seen.get(id) ?? [])]
      const lacks = [!statuses.some(isDone) && 'done', !open.has(id) && statuses.every(isDone) && 'refused']
      return lacks.filter((one) => one !== false).map((one) => `${id} was never ${one}`)
    })
    expect(unseen).toEqual([])
  })
})
