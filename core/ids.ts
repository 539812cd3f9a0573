import { createHash, randomBytes } from 'node:crypto'

/** A UUIDv7: sorts by the time it was made, the rest is random. */
export function newId(now = Date.now()): string {
  return idFrom(now, randomBytes(16))
}

/** No id of this moment or later comes before it. */
export const earliestId = (moment: number) => idFrom(Math.min(Math.max(0, moment), 2 ** 48 - 1), Buffer.alloc(16))

/** Another id of the same moment, which follows from the first: asked again, it is the same. */
export function nthId(first: string, n: number): string {
  const moment = Number.parseInt(first.replace('-', '').slice(0, 12), 16)
  return idFrom(moment, createHash('sha256').update(`${first} ${n}`).digest().subarray(0, 16))
}

function idFrom(moment: number, bytes: Buffer): string {
  bytes.writeUIntBE(moment, 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export const isId = (text: string) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
