import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { invalid } from '../parse.ts'

/** What a body must come to, by its sender's word. */
export type Checksum = {
  update(chunk: Buffer): void
  matches(): boolean
}

const bytesOf = { sha1: 20, sha256: 32, md5: 16, crc32: 4 } as const
type Algorithm = keyof typeof bytesOf

export const checksumAlgorithms = Object.keys(bytesOf)

/** Reads `Upload-Checksum: algorithm base64`. */
export function checksumOf(header: string | string[] | undefined): Checksum | undefined {
  if (header === undefined) return undefined
  const [, name = '', base64 = ''] = /^(\S+) ([A-Za-z0-9+/]+={0,2})$/.exec([header].flat().join(',')) ?? []
  if (!isKnown(name)) throw refused(`the algorithm is one of ${checksumAlgorithms.join(', ')}`)
  const wanted = Buffer.from(base64, 'base64')
  if (wanted.byteLength !== bytesOf[name]) throw refused(`wants ${bytesOf[name]} bytes of ${name} in base64`)
  const { update, digest } = name === 'crc32' ? crc() : hash(name)
  return { update, matches: () => digest().equals(wanted) }
}

const isKnown = (name: string): name is Algorithm => Object.hasOwn(bytesOf, name)
const refused = (message: string) => invalid([{ path: 'Upload-Checksum', message }])

function hash(name: Exclude<Algorithm, 'crc32'>) {
  const made = createHash(name)
  return { update: (chunk: Buffer) => void made.update(chunk), digest: () => made.digest() }
}

/** Its four bytes with the highest first, as everybody prints it. */
function crc() {
  let value = 0
  return {
    update(chunk: Buffer) {
      value = crc32(chunk, value)
    },
    digest() {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(value)
      return bytes
    },
  }
}
