import { createHmac, timingSafeEqual } from 'node:crypto'

type Part = { uploadId: string; partNumber: number }

// The first line keeps these apart from whatever else the same secret signs.
const digest = (secret: string, { uploadId, partNumber }: Part, exp: string) =>
  createHmac('sha256', secret).update(`upload part\nPUT\n${uploadId}\n${partNumber}\n${exp}`).digest('base64url')

/** Where anybody may PUT this part until the address expires; for storage that has no such addresses itself. */
export function partAddress(options: { publicUrl: string; secret: string; part: Part; expiresAt: Date }): string {
  const { publicUrl, secret, part, expiresAt } = options
  const exp = String(Math.ceil(expiresAt.getTime() / 1000))
  const query = new URLSearchParams({ exp, sig: digest(secret, part, exp) })
  return `${publicUrl}/v1/uploads/${part.uploadId}/parts/${part.partNumber}?${query}`
}

/** Whether an address is ours, of this part, and not yet over. Compares in constant time. */
export function partAddressHolds(options: {
  secret: string
  part: Part
  exp: string | undefined
  sig: string | undefined
  now: number
}): boolean {
  const { secret, part, exp = '', sig = '', now } = options
  if (!/^[1-9]\d{0,11}$/.test(exp)) return false
  const expected = Buffer.from(digest(secret, part, exp))
  const given = Buffer.from(sig)
  return given.byteLength === expected.byteLength && timingSafeEqual(given, expected) && Number(exp) * 1000 > now
}
