import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign as signBytes } from 'node:crypto'
import { exportJWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { bearer, keyedApp, type TestApp } from './setup/app.ts'
import { type TestHouse, testHouse } from './setup/house.ts'
import { keyServer } from './setup/key-server.ts'

const issuer = 'https://app.example'
const audience = 'sluice'
const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
}
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = String(pairs.RS256.publicKey.export({ type: 'spki', format: 'pem' }))

type Claims = Record<string, unknown>
const good: Claims = { tenant: 'acme', scope: 'assets openid', iss: issuer, aud: audience }

async function sign(
  claims: Claims = good,
  options: { alg?: keyof typeof pairs; key?: KeyObject; header?: Claims } = {},
) {
  const alg = options.alg ?? 'RS256'
  const now = Math.floor(Date.now() / 1_000)
  return new SignJWT({ exp: now + 60, ...claims })
    .setProtectedHeader({ alg, kid: alg, ...options.header })
    .sign(options.key ?? pairs[alg].privateKey)
}

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const soon = () => Math.floor(Date.now() / 1_000) + 60

async function published(names: (keyof typeof pairs)[] = ['RS256', 'ES256', 'EdDSA']) {
  const keys = await Promise.all(
    names.map(async (alg) => ({ ...(await exportJWK(pairs[alg].publicKey)), kid: alg, alg, use: 'sig' })),
  )
  return keyServer({ keys })
}

const call = (app: TestApp, token: string, url = '/v1/assets') => app.inject({ url, headers: bearer(token) })

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})
const open = async (env: Record<string, string>) => keyedApp({ RATE_LIMIT_WRONG_KEYS: 'off', ...env }, house)

describe('a JWT of the host application', () => {
  let app: TestApp
  let byPem: TestApp
  beforeAll(async () => {
    const { url } = await published()
    const names = { AUTH_JWT_ISSUER: issuer, AUTH_JWT_AUDIENCE: audience }
    app = (await open({ AUTH_JWKS_URL: url, ...names })).app
    byPem = (await open({ AUTH_JWT_PUBLIC_KEY: pem.replaceAll('\n', '\\n'), ...names })).app
  })

  it.each(['RS256', 'ES256', 'EdDSA'] as const)('signed by %s opens its tenant’s door', async (alg) => {
    expect((await call(app, await sign(good, { alg }))).statusCode).toBe(200)
  })

  it('may name its scopes as a text or as a list, and none but ours count', async () => {
    expect((await call(app, await sign({ ...good, scope: ['assets'] }))).statusCode).toBe(200)
    for (const scope of ['assetsuploads', ['assets uploads'], '', undefined, 'ASSETS'])
      expect((await call(app, await sign({ ...good, scope }))).json()).toMatchObject({ code: 'forbidden' })
  })

  it('made by hand, as those below are, is as good', async () => {
    const token = byHand({ alg: 'RS256', kid: 'RS256' }, { ...good, exp: soon() })
    for (const door of [app, byPem]) expect((await call(door, token)).statusCode).toBe(200)
  })

  it('sees its own tenant only', async () => {
    const mine = await sign(good)
    const payload = { source: { url: 'https://example.com/a.mp4' } }
    const { id } = (await app.inject({ method: 'POST', url: '/v1/assets', headers: bearer(mine), payload })).json()
    expect((await call(app, mine, `/v1/assets/${id}`)).statusCode).toBe(200)
    expect((await call(app, await sign({ ...good, tenant: 'other' }), `/v1/assets/${id}`)).statusCode).toBe(404)
  })

  it('a little late or early is forgiven, since clocks differ', async () => {
    const now = Math.floor(Date.now() / 1_000)
    expect((await call(app, await sign({ ...good, exp: now - 10, nbf: now + 10 }))).statusCode).toBe(200)
  })

  const now = Math.floor(Date.now() / 1_000)
  const refused: [string, () => string | Promise<string>][] = [
    ['unsigned', () => `${part({ alg: 'none' })}.${part({ ...good, exp: soon() })}.`],
    ['signed by HS256 with the public key for a secret', () => hs256(pem)],
    [
      'signed by HS256 with the modulus for a secret',
      () => hs256(pairs.RS256.publicKey.export({ type: 'spki', format: 'der' })),
    ],
    ['of somebody else’s key', () => sign(good, { key: stranger.privateKey })],
    ['whose signature was tampered with', async () => tampered(await sign())],
    ['whose claims were tampered with', async () => otherClaims(await sign())],
    ['whose time is over', () => sign({ ...good, exp: now - 60 })],
    ['without an end', () => sign({ ...good, exp: undefined })],
    ['whose end is no number', () => sign({ ...good, exp: 'never' })],
    ['whose time has not begun', () => sign({ ...good, nbf: now + 120 })],
    ['of another issuer', () => sign({ ...good, iss: 'https://evil.example' })],
    ['for another service', () => sign({ ...good, aud: 'billing' })],
    ['for nobody', () => sign({ ...good, aud: undefined })],
    ['without a tenant', () => sign({ ...good, tenant: undefined })],
    ['with a path for a tenant', () => sign({ ...good, tenant: '../acme' })],
    ['with a list of tenants', () => sign({ ...good, tenant: ['acme'] })],
    ['with a path for a kid', () => sign(good, { key: stranger.privateKey, header: { kid: '../../dev/null' } })],
    [
      'that brings its own key',
      async () => sign(good, { key: stranger.privateKey, header: { jwk: await exportJWK(stranger.publicKey) } }),
    ],
    [
      'that names a claim twice',
      () =>
        byHand(
          { alg: 'RS256', kid: 'RS256' },
          JSON.stringify({ ...good, exp: soon() }).replace('{', '{"tenant":"other",'),
        ),
    ],
    [
      'with words that must be understood',
      () => byHand({ alg: 'RS256', kid: 'RS256', crit: ['tone'], tone: 'low' }, { ...good, exp: soon() }),
    ],
    ['of 9 KB', () => sign({ ...good, padding: 'x'.repeat(9_000) })],
    ['of two parts', async () => (await sign()).split('.').slice(0, 2).join('.')],
    ['that is noise', () => 'a.b.c'],
    ['that is deep', () => `${part({ alg: 'RS256' })}.${part('['.repeat(2_000) + ']'.repeat(2_000))}.x`],
  ]

  it.each(refused)('%s is refused like every other wrong key', async (_what, make) => {
    const token = await make()
    for (const door of [app, byPem]) {
      const answer = await call(door, token)
      expect(answer.statusCode).toBe(401)
      expect(answer.json()).toMatchObject({ code: 'unauthorized', detail: 'A valid key is needed' })
      expect(answer.body).not.toMatch(/signature|expired|claim|alg|kid/i)
    }
  })

  it('that says where its keys are to be had makes nobody go there', async () => {
    const { state, url } = await keyServer({ keys: [{ ...(await exportJWK(stranger.publicKey)), kid: 'RS256' }] })
    for (const header of [{ jku: url }, { x5u: url }, { kid: url, jku: url }]) {
      const token = await sign(good, { key: stranger.privateKey, header })
      expect((await call(app, token)).statusCode).toBe(401)
    }
    expect(state.asked).toBe(0)
  })

  it('of a megabyte is cut off', async () => {
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const answer = await fetch(`${url}/v1/assets`, { headers: bearer('x'.repeat(1_000_000)) }).then(
      ({ status }) => status,
      () => 431,
    )
    expect(answer).toBe(431)
  })

  function hs256(secret: string | Buffer): string {
    const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...good, exp: soon() })}`
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  }
  function tampered(token: string): string {
    const [header, payload, signature = ''] = token.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)
    return `${header}.${payload}.${bytes.toString('base64url')}`
  }
  function otherClaims(token: string): string {
    const [header, , signature] = token.split('.')
    return `${header}.${part({ ...good, tenant: 'other', exp: soon() })}.${signature}`
  }
  function byHand(header: Claims, payload: Claims | string): string {
    const signed = `${part(header)}.${part(payload)}`
    return `${signed}.${signBytes('sha256', Buffer.from(signed), pairs.RS256.privateKey).toString('base64url')}`
  }
})

describe('the keys of the host application', () => {
  it('are fetched once, and again for a key that is new, but not at a stranger’s pace', async () => {
    const { state, url } = await published(['RS256'])
    const { app } = await open({ AUTH_JWKS_URL: url })
    await Promise.all(Array.from({ length: 20 }, async () => call(app, await sign())))
    expect(state.asked).toBe(1)
    for (let n = 0; n < 20; n++) await call(app, await sign(good, { header: { kid: randomUUID() } }))
    expect(state.asked).toBe(1)
  })

  it('while they cannot be had, the answer is 503, and their server is left in peace', async () => {
    const { state, url } = await published()
    state.status = 500
    const { app, keyFor } = await open({ AUTH_JWKS_URL: url })
    for (let n = 0; n < 5; n++) {
      const answer = await call(app, await sign())
      expect(answer.statusCode).toBe(503)
      expect(answer.json()).toMatchObject({ code: 'unavailable' })
      expect(answer.headers['retry-after']).toBe('5')
    }
    expect(state.asked).toBe(1)
    expect((await call(app, await keyFor('acme', ['assets']))).statusCode).toBe(200)
  })

  it('nonsense in their place is an outage too', async () => {
    const { state, url } = await published()
    state.keys = { keys: 'none' } as never
    const { app } = await open({ AUTH_JWKS_URL: url })
    expect((await call(app, await sign())).statusCode).toBe(503)
  })

  it('several that bear no name are each tried', async () => {
    const keys = [await exportJWK(stranger.publicKey), await exportJWK(pairs.RS256.publicKey)]
    const { url } = await keyServer({ keys })
    const { app } = await open({ AUTH_JWKS_URL: url })
    expect((await call(app, await sign(good, { header: { kid: undefined } }))).statusCode).toBe(200)
  })

  it('without any, a JWT is refused like a wrong key', async () => {
    const { app } = await open({})
    expect((await call(app, await sign())).statusCode).toBe(401)
  })
})
