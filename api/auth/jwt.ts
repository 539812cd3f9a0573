import { createPublicKey, generateKeyPairSync, verify as verifySignature } from 'node:crypto'
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import { z } from 'zod'
import type { Config } from '../../core/config.ts'
import { SluiceError } from '../../core/errors.ts'
import { scopes } from '../../core/scopes.ts'
import { parseStrictJson, StrangeJson } from '../../core/strict-json.ts'
import { tenantPattern } from '../../core/tenant.ts'
import type { Caller } from './caller.ts'

export type JwtSettings = Pick<
  Config,
  'AUTH_JWKS_URL' | 'AUTH_JWT_PUBLIC_KEY' | 'AUTH_JWT_ISSUER' | 'AUTH_JWT_AUDIENCE'
>

/** Who a token of the host application speaks for; undefined when it is not good. Throws `unavailable` when its keys cannot be had. */
export type ReadJwt = (token: string) => Promise<Caller | undefined>

const claims = z.object({
  tenant: z.string().regex(tenantPattern),
  sub: z.string().max(255).optional(),
  scope: z.union([z.string(), z.array(z.string())]).default(''),
})

/** Undefined when the settings name no key. Nothing in a token's header chooses the key or where it comes from, but for `kid` among those that we have. */
export function jwtReader(config: JwtSettings): ReadJwt | undefined {
  const key = keyOf(config)
  if (key === undefined) return undefined
  const options: JWTVerifyOptions = {
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    requiredClaims: ['exp', 'tenant'],
    clockTolerance: 30,
    ...(config.AUTH_JWT_ISSUER === undefined ? {} : { issuer: config.AUTH_JWT_ISSUER }),
    ...(config.AUTH_JWT_AUDIENCE === undefined ? {} : { audience: config.AUTH_JWT_AUDIENCE }),
  }
  return async (token) => {
    try {
      if (isPlain(token)) return callerOf((await verify({ token, key, options })).payload)
      await asLongAsASignature()
      return undefined
    } catch (error) {
      if (!(error instanceof errors.JOSEError && isTheTokensFault(error))) throw keysAway(error)
      if (!isAfterSignature(error)) await asLongAsASignature()
      return undefined
    }
  }
}

const isAfterSignature = (error: errors.JOSEError) =>
  error instanceof errors.JWSSignatureVerificationFailed ||
  error instanceof errors.JWTExpired ||
  error instanceof errors.JWTClaimValidationFailed

const noKey = generateKeyPairSync('ed25519').publicKey
const noSignature = Buffer.alloc(64)

/** A token that is refused for its looks (`alg: none`, no JSON) takes as long as one that was tried: how far it came, nobody hears. */
const asLongAsASignature = () =>
  new Promise<void>((resolve) => verifySignature(null, noSignature, noKey, noSignature, () => resolve()))

function keyOf({ AUTH_JWKS_URL: url, AUTH_JWT_PUBLIC_KEY: pem }: JwtSettings): JWTVerifyGetKey | undefined {
  if (url !== undefined) return createRemoteJWKSet(new URL(url), { timeoutDuration: 5_000, [customFetch]: restful() })
  if (pem === undefined) return undefined
  const key = createPublicKey(pem)
  // A key of another kind than the token names its algorithm for is the token's fault, not ours.
  return async ({ alg }) => {
    if (alg === algorithmOf(key.asymmetricKeyType)) return key
    throw new errors.JWKSNoMatchingKey()
  }
}

const algorithmOf = (type: string | undefined) =>
  type === 'rsa' ? 'RS256' : type === 'ec' ? 'ES256' : type === 'ed25519' ? 'EdDSA' : undefined

type Verifying = { token: string; key: JWTVerifyGetKey; options: JWTVerifyOptions }

/** A set without `kid`s may hold several keys that fit: then each is tried. */
async function verify({ token, key, options }: Verifying): Promise<{ payload: JWTPayload }> {
  try {
    return await jwtVerify(token, key, options)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const candidate of error) {
      try {
        return await jwtVerify(token, candidate, options)
      } catch (wrong) {
        if (!(wrong instanceof errors.JWSSignatureVerificationFailed)) throw wrong
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

/** A claim that comes twice is read one way by the one who signed and another way here. */
function isPlain(token: string): boolean {
  try {
    const [header, payload] = token.split('.')
    for (const part of [header, payload]) parseStrictJson(Buffer.from(part ?? '', 'base64url'))
    return true
  } catch (error) {
    if (error instanceof StrangeJson) return false
    throw error
  }
}

function callerOf(payload: JWTPayload): Caller | undefined {
  const parsed = claims.safeParse(payload)
  if (!parsed.success) return undefined
  const { tenant, scope, sub = '' } = parsed.data
  const said = typeof scope === 'string' ? scope.split(' ') : scope
  return { tenant, scopes: scopes.filter((one) => said.includes(one)), subject: `jwt:${tenant}:${sub}` }
}

/** Timeouts, other answers than 200 and nonsense in place of keys say nothing about the token. */
function isTheTokensFault(error: errors.JOSEError): boolean {
  return !(
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === errors.JOSEError.code
  )
}

function keysAway(cause: unknown): SluiceError {
  if (cause instanceof SluiceError) return cause
  const message = `the keys of the host application: ${cause instanceof Error ? cause.message : String(cause)}`
  return new SluiceError('unavailable', { message, cause, retryAfterMs: restMs })
}

const restMs = 5_000

/** A fetch that rests after a failure, so that tokens cannot make us knock at a house that is down. */
function restful() {
  let failedAt = Number.NEGATIVE_INFINITY
  return async (url: string, options: RequestInit): Promise<Response> => {
    if (performance.now() - failedAt < restMs)
      throw new SluiceError('unavailable', { message: 'the keys of the host application', retryAfterMs: restMs })
    try {
      const answer = await fetch(url, options)
      if (!answer.ok) failedAt = performance.now()
      return answer
    } catch (error) {
      failedAt = performance.now()
      throw error
    }
  }
}
