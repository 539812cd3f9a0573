import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { bearer, keyedApp, type TestApp, withSettings } from './setup/app.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'

const page = 'https://app.example.com'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})

describe('with CORS_ORIGINS', () => {
  let keyed: Awaited<ReturnType<typeof keyedApp>>
  beforeAll(async () => {
    keyed = await keyedApp({ CORS_ORIGINS: `${page},http://localhost:5173` }, house)
  })
  const ask = (url: string, origin: string, method: 'GET' | 'OPTIONS' = 'GET', more: Record<string, string> = {}) =>
    keyed.app.inject({ method, url, headers: { origin, ...more } })
  const preflight = (url: string, origin: string, wanted: string) =>
    ask(url, origin, 'OPTIONS', {
      'access-control-request-method': wanted,
      'access-control-request-headers': 'authorization',
    })

  it('a page of the list may call with every method, and read what it needs to', async () => {
    for (const wanted of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await preflight('/v1/assets', page, wanted)
      expect(answer.statusCode).toBe(204)
      expect(answer.headers['access-control-allow-origin']).toBe(page)
      expect(answer.headers['access-control-allow-methods']).toContain(wanted)
      expect(answer.headers['access-control-allow-headers']).toMatch(/Authorization.*Idempotency-Key.*Upload-Offset/)
      expect(answer.headers['vary']).toMatch(/Origin/i)
    }
    const key = await keyed.keyFor('acme', ['assets'])
    const answer = await ask('/v1/assets', page, 'GET', bearer(key))
    expect(answer.headers['access-control-allow-origin']).toBe(page)
    expect(answer.headers['access-control-expose-headers']).toMatch(/Location.*RateLimit-Remaining.*Upload-Offset/)
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
  })

  it('it may read refusals too', async () => {
    const answer = await ask('/v1/assets', page)
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['access-control-allow-origin']).toBe(page)
  })

  it.each([
    'https://evil.example',
    'https://app.example.com.evil.example',
    'http://app.example.com',
    'https://app.example.com:8443',
    'null',
    'https://APP.example.com',
  ])('a page of %s may not', async (origin) => {
    expect((await preflight('/v1/assets', origin, 'POST')).headers).not.toHaveProperty('access-control-allow-origin')
    expect((await ask('/v1/assets', origin)).headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('media stays open to all, and tus answers its own preflights', async () => {
    for (const origin of [page, 'https://evil.example']) {
      expect((await preflight('/media/a/b.ts', origin, 'GET')).headers['access-control-allow-origin']).toBe('*')
      expect((await ask('/media/a/b.ts', origin)).headers).toMatchObject({ 'access-control-allow-origin': '*' })
      expect((await ask('/media/a/b.ts', origin)).headers).not.toHaveProperty('vary')
    }
  })
})

it('without CORS_ORIGINS no page of elsewhere is let in', async () => {
  const { app } = await keyedApp({}, house)
  const headers = { origin: page, 'access-control-request-method': 'GET' }
  for (const method of ['GET', 'OPTIONS'] as const)
    expect((await app.inject({ method, url: '/v1/assets', headers })).headers).not.toHaveProperty(
      'access-control-allow-origin',
    )
})

describe('without keys', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await buildApp(withSettings(house, { AUTH: 'none', CORS_ORIGINS: 'http://localhost:5173' }))
    atEnd(() => app.close())
  })
  const status = async (headers: Record<string, string>) =>
    (await app.inject({ url: '/v1/assets', headers })).statusCode

  it.each(['localhost', 'localhost:3000', 'LOCALHOST:3000', '127.0.0.1', '127.9.9.9:81', '[::1]', '[::1]:3000'])(
    'this machine may call itself %s',
    async (host) => {
      expect(await status({ host })).toBe(200)
      expect(await status({ host, origin: `http://${host.toLowerCase()}` })).toBe(200)
    },
  )

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    'localhost:3000@evil.example',
    'localhost:3000:80',
    'localhost.',
    '0.0.0.0',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::1].evil.example',
    '2130706433',
    '127.1',
    'localhost:x',
  ])('nothing else may: not %j', async (host) => {
    expect(await status({ host })).toBe(403)
  })

  it.each([
    'null',
    'https://evil.example',
    'http://localhost:3001',
    'file://',
    'http://localhost:3000.evil.example',
    'http://127.0.0.1:3000',
  ])('no page of %s may', async (origin) => {
    expect(await status({ host: 'localhost:3000', origin })).toBe(403)
  })

  it('a page that the operator listed may', async () => {
    expect(await status({ host: 'localhost:3000', origin: 'http://localhost:5173' })).toBe(200)
  })
})

it('every kind of answer says that browsers must not guess its type, nor frame it', async () => {
  const { app, keyFor } = await keyedApp({}, house)
  const key = bearer(await keyFor('acme', ['assets']))
  for (const [url, headers] of [
    ['/v1/assets', key],
    ['/v1/assets', {}],
    ['/v1/assets/none', key],
    ['/v1/assets?limit=x', key],
    ['/nowhere', {}],
    ['/live', {}],
    ['/', {}],
    ['/console/app.js', {}],
    ['/admin/queues', {}],
    ['/media/x', {}],
  ] as const) {
    const answer = await app.inject({ url, headers })
    expect(answer.headers['x-content-type-options'], url).toBe('nosniff')
    expect(answer.headers['content-security-policy'], url).toBeDefined()
    if (url !== '/media/x')
      expect(`${answer.headers['x-frame-options']} ${answer.headers['content-security-policy']}`).toMatch(
        /SAMEORIGIN|frame-ancestors 'none'/,
      )
    expect(answer.headers, url).not.toHaveProperty('x-powered-by')
    expect(answer.headers, url).not.toHaveProperty('server')
  }
  const unreadable = await app.inject({ url: '/media/%ff' })
  expect(unreadable.headers['x-content-type-options']).toBe('nosniff')
})
