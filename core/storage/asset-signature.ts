import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AssetRef } from './keys.ts'

// The first line keeps these apart from whatever else the same secret signs.
const digest = (secret: string, asset: AssetRef, expires: string) =>
  createHmac('sha256', secret).update(`playback\n${asset.tenant}/${asset.id}\n${expires}`).digest()

const pattern = /^~([1-9]\d{0,11})\.([\w-]{43})$/

/** Where an address bears a mark: tenants never begin with `~`, so no key does. */
export const isMark = (segment: string) => segment.startsWith('~')

/** One part of a path that opens every file of one asset to anybody, until it expires. Relative addresses below it keep it by themselves. */
export function signAsset(options: { asset: AssetRef; secret: string; expiresAt: Date }): string {
  const expires = String(Math.ceil(options.expiresAt.getTime() / 1000))
  return `~${expires}.${digest(options.secret, options.asset, expires).toString('base64url')}`
}

/** When this mark expires for this asset, in milliseconds; undefined when it is over, or was never ours. Compares in constant time. */
export function markHoldsUntil(options: {
  mark: string
  asset: AssetRef
  secret: string
  now: number
}): number | undefined {
  const [, expires = '0', given = ''] = pattern.exec(options.mark) ?? []
  const expected = digest(options.secret, options.asset, expires).toString('base64url')
  // Texts rather than bytes: the last letter of base64url has bits to spare, and one signature has one spelling.
  const holds = given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))
  const until = Number(expires) * 1000
  return holds && until > options.now ? until : undefined
}
