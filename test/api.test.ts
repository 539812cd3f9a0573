import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { createKey, type Scope } from '../core/db/keys.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'

type App = Awaited<ReturnType<typeof buildApp>>
let house: TestHouse
let app: App

async function open(env: Record<string, string>): Promise<{ house: TestHouse; app: App }> {
  const house = await testHouse({ env })
  const app = await buildApp(house)
  atEnd(() => app.close())
  return { house, app }
}
beforeAll(async () => {
  ;({ house, app } = await open({}))
})

const local = { host: 'localhost' }
const post = (payload: unknown, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/v1/assets', headers: { ...local, ...headers }, payload: payload as object })
const get = (url: string, headers: Record<string, string> = {}) =>
  app.inject({ url, headers: { ...local, ...headers } })
const source = { url: 'https://example.com/dir/cat.mp4?X-Amz-Signature=abc' }

describe('POST /v1/assets with an address', () => {
  it('answers 202 with the asset and where it is, without its signature', async () => {
    const answer = await post({
      source,
      externalId: 'cat-1',
      metadata: { n: 1, ok: true },
      priority: 'high',
      kind: 'video',
    })
    expect(answer.statusCode).toBe(202)
    const asset = answer.json()
    expect(answer.headers['location']).toBe(`/v1/assets/${asset.id}`)
    expect(asset).toMatchObject({
      kind: 'video',
      status: 'queued',
      playable: false,
      progress: 0,
      generation: 1,
      profile: 'default',
      externalId: 'cat-1',
      metadata: { n: 1, ok: true },
      visibility: 'public',
      source: { type: 'url', filename: 'cat.mp4', bytes: null, url: 'https://example.com/dir/cat.mp4' },
      playback: null,
      error: null,
    })
    expect(answer.body).not.toContain('Signature')
    expect((await get(`/v1/assets/${asset.id}`)).json()).toEqual(asset)
  })

  it('the same external id gives the same asset, also when a hundred ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => post({ source, externalId: 'once' })))
    expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([202]))
    expect(new Set(answers.map((answer) => answer.json().id)).size).toBe(1)
    const rows = await house.db.selectFrom('tasks').select('id').where('asset_id', '=', answers[0]?.json().id).execute()
    expect(rows).toHaveLength(1)
  })

  it.each([
    ['an unknown field', { source, colour: 'red' }, 'colour'],
    ['no source', { profile: 'default' }, 'source'],
    ['two sources', { source: { ...source, object: 's3://a/b' } }, 'source'],
    ['a profile that is not there', { source, profile: 'gold' }, 'profile'],
    ['a wrong priority', { source, priority: 'urgent' }, 'priority'],
    ['nested metadata', { source, metadata: { a: { b: 1 } } }, 'metadata'],
    ['an array', [], 'body'],
    ['a NUL in an id', { source, externalId: 'a\u0000b' }, 'externalId'],
    ['half a character', { source, metadata: { title: '\ud800' } }, 'metadata'],
  ])('refuses %s with invalid_request and names it', async (_what, body, name) => {
    const answer = await post(body)
    expect(answer.statusCode).toBe(400)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    const problem = answer.json()
    expect(problem).toMatchObject({ code: 'invalid_request', status: 400, requestId: answer.headers['x-request-id'] })
    expect(JSON.stringify(problem.errors)).toContain(name)
  })

  it.each([
    'http://127.0.0.1/x.jpg',
    'http://2130706433/',
    'http://[::ffff:169.254.169.254]/latest',
    'ftp://example.com/a.mp4',
    'https://user:pass@example.com/a.mp4',
    'http://localhost./a.mp4',
    'https://example.com:6379/a.mp4',
    'no address at all',
  ])('refuses %s with url_not_allowed', async (url) => {
    const answer = await post({ source: { url } })
    expect(answer.statusCode).toBe(422)
    expect(answer.json().code).toBe('url_not_allowed')
  })

  it.each([
    ['broken JSON', '{"source":', 'application/json', 400, 'malformed_request'],
    ['no JSON', 'hello', 'text/plain', 415, 'unsupported_media_type'],
    [
      'a prototype',
      '{"__proto__":{"x":1},"source":{"url":"https://example.com/"}}',
      'application/json',
      400,
      'malformed_request',
    ],
    ['far too much', `{"source":{"url":"${'x'.repeat(2_000_000)}"}}`, 'application/json', 413, 'too_large'],
  ])('refuses %s with the code for it', async (_what, payload, type, status, code) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/assets',
      headers: { ...local, 'content-type': type },
      payload,
    })
    expect(answer.statusCode).toBe(status)
    expect(answer.json()).toMatchObject({ code, status })
  })
})

describe('GET /v1/assets', () => {
  it('pages through all of them, newest first, each once', async () => {
    const { app } = await open({})
    for (let n = 0; n < 5; n++)
      await app.inject({
        method: 'POST',
        url: '/v1/assets',
        headers: local,
        payload: { source, externalId: `page-${n}` },
      })
    const seen: string[] = []
    let cursor = ''
    for (;;) {
      const page = (
        await app.inject({ url: `/v1/assets?limit=2${cursor && `&cursor=${cursor}`}`, headers: local })
      ).json()
      seen.push(...page.data.map((asset: { externalId: string }) => asset.externalId))
      if (page.nextCursor === null) break
      cursor = page.nextCursor
    }
    expect(seen).toEqual(['page-4', 'page-3', 'page-2', 'page-1', 'page-0'])
  })

  it('filters by status, kind and external id', async () => {
    expect((await get('/v1/assets?externalId=cat-1')).json().data).toHaveLength(1)
    expect((await get('/v1/assets?status=ready')).json().data).toEqual([])
    expect((await get('/v1/assets?kind=video')).json().data).toHaveLength(1)
    expect((await get('/v1/assets?createdBefore=2020-01-01T00:00:00Z')).json().data).toEqual([])
  })

  it.each(['limit=0', 'limit=101', 'limit=x', 'cursor=nonsense', 'status=done', 'sort=up', 'createdAfter=yesterday'])(
    'refuses ?%s',
    async (query) => {
      const answer = await get(`/v1/assets?${query}`)
      expect(answer.statusCode).toBe(400)
      expect(answer.json().code).toBe('invalid_request')
    },
  )

  it('knows no asset by an id that is not there, nor by what is no id', async () => {
    for (const id of ['019a0000-0000-7000-8000-000000000000', 'x', '%00', '..%2f..%2fetc'])
      expect((await get(`/v1/assets/${id}`)).json()).toMatchObject({ code: 'not_found', status: 404 })
  })
})

describe('who may call', () => {
  let keyed: { house: TestHouse; app: App }
  beforeAll(async () => {
    keyed = await open({ AUTH: 'keys', ADMIN_PASSWORD: 'correct horse' })
  })
  const keyOf = async (tenant: string, scopes: Scope[]) =>
    (await createKey(keyed.house.db, { tenant, name: 'test', scopes })).secret
  const call = (key: string, method: 'GET' | 'POST', url: string, payload?: object) =>
    keyed.app.inject({ method, url, headers: { authorization: `Bearer ${key}` }, ...(payload ? { payload } : {}) })

  it('nobody without a valid key, in the same words whatever was wrong with it', async () => {
    const none = await keyed.app.inject({ url: '/v1/assets' })
    const wrong = await call(`sl_${'x'.repeat(32)}`, 'GET', '/v1/assets')
    for (const answer of [none, wrong]) {
      expect(answer.statusCode).toBe(401)
      expect(answer.json()).toMatchObject({ code: 'unauthorized', detail: none.json().detail })
    }
  })

  it('a key sees its own tenant only: another’s asset answers 404', async () => {
    const [mine, theirs] = [await keyOf('mine', ['assets']), await keyOf('theirs', ['assets'])]
    const asset = (await call(mine, 'POST', '/v1/assets', { source })).json()
    expect((await call(mine, 'GET', `/v1/assets/${asset.id}`)).statusCode).toBe(200)
    expect((await call(theirs, 'GET', `/v1/assets/${asset.id}`)).json()).toMatchObject({ code: 'not_found' })
    expect((await call(theirs, 'GET', '/v1/assets')).json().data).toEqual([])
  })

  it('a key without the scope is refused, and stored keys are hashes', async () => {
    const key = await keyOf('mine', ['webhooks'])
    expect((await call(key, 'GET', '/v1/assets')).json()).toMatchObject({ code: 'forbidden' })
    const rows = await keyed.house.db.selectFrom('api_keys').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(key.slice(3))
  })

  it('Bull Board opens for the admin password or an admin key, and for nobody else', async () => {
    const board = (authorization: string, method: 'GET' | 'PUT' = 'GET', more: Record<string, string> = {}) =>
      keyed.app.inject({
        method,
        url: `/admin/queues/api/queues${method === 'PUT' ? '/fetch/pause' : ''}`,
        headers: { authorization, ...more },
      })
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    expect((await board('')).headers['www-authenticate']).toMatch(/^Basic/)
    expect((await board('')).statusCode).toBe(401)
    expect((await board(basic('admin:wrong'))).statusCode).toBe(401)
    expect((await board(`Bearer ${await keyOf('mine', ['assets'])}`)).statusCode).toBe(403)
    expect((await board(`Bearer ${await keyOf('ops', ['admin'])}`)).statusCode).toBe(200)
    expect((await board(basic('admin:correct horse'))).statusCode).toBe(200)
    expect(
      (await board(basic('admin:correct horse'), 'PUT', { origin: 'https://evil.example', host: 'sluice.example' }))
        .statusCode,
    ).toBe(403)
  })

  it('without keys, a page of another site is refused: by its Host or by its Origin', async () => {
    expect((await get('/v1/assets', { host: 'evil.example' })).statusCode).toBe(403)
    expect((await post({ source }, { origin: 'https://evil.example' })).statusCode).toBe(403)
    expect((await post({ source }, { host: 'localhost:3000', origin: 'http://localhost:3000' })).statusCode).toBe(202)
  })
})

describe('operations', () => {
  it('/live, /ready and /health say how each part is', async () => {
    expect((await get('/live')).json()).toEqual({ status: 'up' })
    expect((await get('/ready')).statusCode).toBe(200)
    expect((await get('/health')).json()).toMatchObject({
      status: 'up',
      components: { database: { status: 'up' }, queue: { status: 'up' }, storage: { status: 'up' } },
    })
  })

  it('what is nowhere is 404 in the same form as every other error', async () => {
    expect((await get('/v2/anything')).json()).toMatchObject({
      code: 'not_found',
      status: 404,
      title: expect.any(String),
    })
  })

  it('an address that cannot even be read gets the same form of answer', async () => {
    for (const url of ['/media/%ff', '/v1/assets/%ff', `/v1/assets/${'x'.repeat(5_000)}`]) {
      const answer = await get(url)
      expect(answer.headers['content-type'], url).toMatch(/problem\+json/)
      expect(answer.headers['x-request-id']).toBe(answer.json().requestId)
    }
  })

  it('takes a sane request id over, and makes one where it is not', async () => {
    expect((await get('/live', { 'x-request-id': 'abc-1' })).headers['x-request-id']).toBe('abc-1')
    expect((await get('/live', { 'x-request-id': 'a b\u0001' })).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('the console comes with a policy that lets nothing foreign run', async () => {
    const page = await get('/')
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-security-policy']).toContain("script-src 'self'")
    expect((await get('/console/hls.js')).body).toContain('Hls')
    expect((await get('/console/../main.ts')).statusCode).toBe(404)
  })
})
