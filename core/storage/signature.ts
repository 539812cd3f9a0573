import { createHmac, timingSafeEqual } from 'node:crypto'

const digest = (secret: string, key: string, expires: string) =>
  createHmac('sha256', secret).update(`media\nGET\n${key}\n${expires}`).digest()

/** The query of an address that anybody may GET until it expires. */
export function signKey(options: {
  key: string
  secret: string
  expiresInSeconds: number
  now: number
}): URLSearchParams {
  const exp = String(Math.ceil(options.now / 1000 + options.expiresInSeconds))
  return new URLSearchParams({ exp, sig: digest(options.secret, options.key, exp).toString('base64url') })
}

/** Whether exp and sig of an address are ours, for this key, and not yet over. Compares in constant time. */
export function signatureHolds(options: {
  key: string
  secret: string
  exp: string | undefined
  sig: string | undefined
  now: number
}): boolean {
  const { exp, sig } = options
  if (exp === undefined || sig === undefined || !/^\d{1,12}$/.test(exp)) return false
  const expected = digest(options.secret, options.key, exp)
  const given = Buffer.from(sig, 'base64url')
  return (
    given.byteLength === expected.byteLength && timingSafeEqual(given, expected) && Number(exp) * 1000 > options.now
  )
}
