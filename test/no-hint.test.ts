import { generateKeyPairSync } from 'node:crypto'
import type { RouteOptions } from 'fastify'
import { SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { createKey, revokeKey } from '../core/db/keys.ts'
import { createUploadToken } from '../core/db/upload-tokens.ts'
import { newId } from '../core/ids.ts'
import { signAsset } from '../core/storage/asset-signature.ts'
import { bearer, type TestApp } from './setup/app.ts'
import { atEnd } from './setup/at-end.ts'
import { likelySlower, timesOf } from './setup/compare-times.ts'
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
    'a JWT of alg: none': bearer(
      [{ alg: 'none' }, { tenant: 'acme', scope: 'admin', exp: 4e9 }, '']
        .map((part) => (part === '' ? part : Buffer.from(JSON.stringify(part)).toString('base64url')))
        .join('.'),
    ),
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
  it('tells nothing of what was wrong', { timeout: 120_000 }, async () => {
    const { secret } = await createKey(house.db, { tenant: 'other', name: 'n', scopes: ['assets', 'uploads'] })
    const own = bearer((await createKey(house.db, { tenant: 'acme', name: 'n', scopes: ['assets', 'uploads'] })).secret)
    const make = async (visibility: string): Promise<string> => {
      const payload = { source: { url: 'https://example.com/a.mp4' }, visibility }
      return (await app.inject({ method: 'POST', url: '/v1/assets', headers: own, payload })).json().id
    }
    const [id, hidden] = [await make('public'), await make('private')]
    const upload = {
      method: 'POST',
      url: '/v1/uploads',
      headers: own,
      payload: { filename: 'a.mp4', bytes: 5 },
    } as const
    const { id: uploadId } = (await app.inject(upload)).json()
    const get = (url: string, headers: Record<string, string> = {}) => ({ method: 'GET', url, headers })
    const wrongly = (what: string) => get('/v1/assets', wrong[what])
    const stranger = (url: string) => get(url, bearer(secret))
    const shown = (mark: string, asset: string) => get(`/media/${mark}acme/${asset}/p1/hls/master.m3u8`)
    const mark = (asset: string, { by = house.config.SIGNING_SECRET ?? '', forMs = 60_000 } = {}) => {
      const expiresAt = new Date(Date.now() + forMs)
      return `${signAsset({ asset: { tenant: 'acme', id: asset }, secret: by, expiresAt })}/`
    }
    const nobodys = newId()
    // Kinds of credentials differ by their looks, which their sender knows; within one kind nothing may be heard.
    const alike: Record<string, Record<string, Call>> = {
      keys: pick(wrongly, ['a wrong key', 'a revoked key']),
      tokens: pick(wrongly, ['an upload token whose time is over', 'an upload token that never was']),
      JWTs: pick(wrongly, ['a JWT whose time is over', 'a JWT that was tampered with', 'a JWT of alg: none']),
      assets: { another: stranger(`/v1/assets/${id}`), none: stranger(`/v1/assets/${nobodys}`) },
      uploads: { another: stranger(`/v1/uploads/${uploadId}`), none: stranger(`/v1/uploads/${nobodys}`) },
      playback: {
        unsigned: shown('', hidden),
        over: shown(mark(hidden, { forMs: -60_000 }), hidden),
        forged: shown(mark(hidden, { by: 'another secret' }), hidden),
        'of another asset': shown(mark(id), hidden),
        'of none': shown(mark(nobodys, { by: 'another secret' }), nobodys),
      },
    }
    const all = Object.entries(alike).flatMap(([kind, calls]) =>
      Object.entries(calls).map(([what, call]) => [`${kind}: ${what}`, () => app.inject(call as { method: 'GET' })]),
    )
    const times = await timesOf(Object.fromEntries(all), { rounds: 60, warmUp: 5 })
    const heard = Object.entries(alike).flatMap(([kind, calls]) => {
      const [first, ...others] = Object.keys(calls).map((what) => `${kind}: ${what}`)
      return others.map((other) => ({
        first,
        other,
        slower: likelySlower(times[first ?? ''] ?? [], times[other] ?? []),
      }))
    })
    expect(heard).toHaveLength(10)
    expect(heard.filter(({ slower }) => slower < 0.2 || slower > 0.8)).toEqual([])
  })

  const pick = (call: (what: string) => Call, names: string[]) =>
    Object.fromEntries(names.map((name) => [name, call(name)]))
})

describe('the ear for differences', () => {
  const noise = (n: number, ms: number) => Array.from({ length: n }, (_, i) => ms + ((i * 7919) % 100) / 100)

  it('hears none between two alike, nor for a few that took far longer, and hears a small one that is always there', () => {
    expect(likelySlower(noise(150, 1), noise(150, 1))).toBeCloseTo(0.5, 1)
    const disturbed = noise(150, 1).map((ms, at) => (at % 5 === 0 ? ms + 500 : ms))
    expect(Math.abs(likelySlower(disturbed, noise(150, 1)) - 0.5)).toBeLessThan(0.15)
    expect(likelySlower(noise(150, 1.5), noise(150, 1))).toBeGreaterThan(0.8)
    expect(likelySlower(noise(150, 1), noise(150, 1.5))).toBeLessThan(0.2)
  })
})
