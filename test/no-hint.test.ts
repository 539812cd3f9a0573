import { generateKeyPairSync } from 'node:crypto'
import type { RouteOptions } from 'fastify'
import { SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { createKey, revokeKey } from '../core/db/keys.ts'
import { createUploadToken } from '../core/db/upload-tokens.ts'
import { newId } from '../core/ids.ts'
import { bearer, type TestApp } from './setup/app.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'

/** What anybody may ask for; whatever else there is wants credentials. A new route that is not meant for all fails here until it asks for some. */
const open = [
  /^\/$/,
  /^\/console\//,
  /^\/(live|ready|health)$/,
  /^\/media\/\*$/,
  /^\*$/,
  /^\/(openapi\.json|docs)(\/|$)/,
  /^\/metrics$/,
]

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
let house: TestHouse
let app: TestApp
const routes: { method: string; url: string }[] = []
const wrong: Record<string, Record<string, string>> = {}

beforeAll(async () => {
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }))
  house = await testHouse({
    env: { AUTH: 'keys', AUTH_JWT_PUBLIC_KEY: pem, RATE_LIMIT: 'off', RATE_LIMIT_WRONG_KEYS: 'off' },
  })
  app = await buildApp(house, { onRoute: note })
  atEnd(() => app.close())
  const revoked = await createKey(house.db, { tenant: 'acme', name: 'n', scopes: ['assets', 'uploads', 'admin'] })
  await revokeKey(house.db, revoked.id)
  const old = await createUploadToken(house.db, { tenant: 'acme', expiresIn: -1, maxBytes: 1 })
  const jwt = (exp: string) =>
    new SignJWT({ tenant: 'acme', scope: 'assets admin' })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setExpirationTime(exp)
      .sign(privateKey)
  Object.assign(wrong, {
    'no credentials': {},
    'a wrong key': bearer(`sl_${'x'.repeat(32)}`),
    'a revoked key': bearer(revoked.secret),
    'an upload token whose time is over': bearer(old.token),
    'an upload token that never was': bearer(`slu_${'x'.repeat(32)}`),
    'a JWT whose time is over': bearer(await jwt('-1h')),
    'a JWT that was tampered with': bearer((await jwt('1h')).replace(/.{10}$/, 'AAAAAAAAAA')),
    noise: { authorization: 'Bearer \u00ff\u00ff' },
    'another scheme': { authorization: 'Digest x' },
  })
})

function note(route: RouteOptions): void {
  for (const method of [route.method].flat())
    if (method !== 'HEAD' && !isPreflight({ method, url: route.url })) routes.push({ method, url: route.url })
}

/** What tus can do is told to everybody. */
const isPreflight = ({ method, url }: { method: string; url: string }) =>
  method === 'OPTIONS' && url.startsWith('/v1/tus')

const filled = (url: string, id: string) => url.replace('/:id', `/${id}`).replace(/:\w+/g, '1').replace('*', 'x')
type Call = { method: string; url: string; headers?: Record<string, string> }
/** Everything of an answer but what is new in each. */
async function answerTo(call: Call) {
  const answer = await app.inject(call as { method: 'GET'; url: string })
  const { date: _date, 'x-request-id': _id, ...headers } = answer.headers
  return { status: answer.statusCode, headers, body: answer.body.replace(/"requestId":"[^"]+"/, '') }
}

describe('every route', () => {
  it('that is not for everybody refuses wrong credentials of any kind in the same words', async () => {
    const guarded = routes.filter(({ url }) => !open.some((pattern) => pattern.test(url)))
    expect(guarded.length).toBeGreaterThan(10)
    for (const { method, url } of [
      ...guarded,
      { method: 'GET', url: '/v1/nowhere' },
      { method: 'DELETE', url: '/v1/assets' },
    ]) {
      const call = { method, url: filled(url, newId()) }
      const expected = await answerTo(call)
      expect(expected.status, `${method} ${url}`).toBe(401)
      for (const [what, headers] of Object.entries(wrong))
        expect(await answerTo({ ...call, headers }), `${what} on ${method} ${url}`).toEqual(expected)
    }
  })

  it('with an id answers the same for one of another tenant as for one that never was', async () => {
    const { secret } = await createKey(house.db, {
      tenant: 'acme',
      name: 'n',
      scopes: ['assets', 'uploads', 'webhooks'],
    })
    const stranger = await createKey(house.db, {
      tenant: 'other',
      name: 'n',
      scopes: ['assets', 'uploads', 'webhooks'],
    })
    const payload = { source: { url: 'https://example.com/a.mp4' } }
    const made = await app.inject({ method: 'POST', url: '/v1/assets', headers: bearer(secret), payload })
    const { id } = made.json()
    const withId = routes.filter(({ url }) => url.startsWith('/v1/') && url.includes('/:id'))
    expect(withId.length).toBeGreaterThan(4)
    for (const { method, url } of withId) {
      const headers = bearer(stranger.secret)
      const [theirs, none] = [filled(url, id), filled(url, newId())]
      const answer = await answerTo({ method, url: theirs, headers })
      expect(answer, `${method} ${url}`).toEqual(await answerTo({ method, url: none, headers }))
      expect(answer.status, `${method} ${url}`).toBeGreaterThanOrEqual(400)
    }
    expect((await app.inject({ url: `/v1/assets/${id}`, headers: bearer(secret) })).json()).toMatchObject({
      status: 'queued',
    })
  })

  it('found by another way of writing its address is guarded all the same', async () => {
    for (const url of [
      '/%761/assets',
      '/v1/%61ssets',
      '/v1//assets',
      '//v1/assets',
      '/V1/assets',
      '/v1/assets/',
      '/v1/assets;x',
      '/./v1/assets',
    ])
      expect((await app.inject({ url })).statusCode, url).toBeGreaterThanOrEqual(401)
  })
})

describe('how long a refusal takes', () => {
  it('tells nothing of what was wrong', async () => {
    const { secret } = await createKey(house.db, { tenant: 'other', name: 'n', scopes: ['assets'] })
    const id = (
      await app.inject({
        method: 'POST',
        url: '/v1/assets',
        headers: bearer((await createKey(house.db, { tenant: 'acme', name: 'n', scopes: ['assets'] })).secret),
        payload: { source: { url: 'https://example.com/a.mp4' } },
      })
    ).json().id
    const assets = { method: 'GET', url: '/v1/assets' }
    const found = await medians(
      {
        'a wrong key': { ...assets, headers: wrong['a wrong key'] ?? {} },
        'a revoked key': { ...assets, headers: wrong['a revoked key'] ?? {} },
        'an old token': { ...assets, headers: wrong['an upload token whose time is over'] ?? {} },
        'another’s id': { method: 'GET', url: `/v1/assets/${id}`, headers: bearer(secret) },
        'no id': { method: 'GET', url: `/v1/assets/${newId()}`, headers: bearer(secret) },
      },
      300,
    )
    const apart = (a: string, b: string) => Math.abs((found[a] ?? 0) - (found[b] ?? 0))
    const noise = (a: string) => 0.3 + 0.3 * (found[a] ?? 0)
    expect(apart('a wrong key', 'a revoked key')).toBeLessThan(noise('a wrong key'))
    expect(apart('another’s id', 'no id')).toBeLessThan(noise('no id'))
    expect(apart('a wrong key', 'an old token')).toBeLessThan(3 * noise('a wrong key'))
  })

  /** Taken in turns, so that whatever else the machine does hits all alike. */
  async function medians(calls: Record<string, Call>, times: number): Promise<Record<string, number>> {
    const taken = Object.fromEntries(Object.keys(calls).map((what) => [what, [] as number[]]))
    for (let n = 0; n < times; n++)
      for (const [what, call] of Object.entries(calls)) {
        const startedAt = performance.now()
        await app.inject(call as { method: 'GET'; url: string })
        taken[what]?.push(performance.now() - startedAt)
      }
    return Object.fromEntries(
      Object.entries(taken).map(([what, all]) => [what, all.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0]),
    )
  }
})
