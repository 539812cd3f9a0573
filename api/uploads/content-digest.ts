import { invalid } from '../parse.ts'

/** What a body must come to, as its sender says; undefined for what he did not say. In hex. */
export type Digests = { sha256?: string; sha512?: string }

const known = { 'sha-256': { name: 'sha256', bytes: 32 }, 'sha-512': { name: 'sha512', bytes: 64 } } as const
const member = /^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):(?:\s*;.*)?$/

/** Reads `Content-Digest` (RFC 9530). Algorithms that we do not know are passed over, as it allows; what is badly written is refused. */
export function contentDigest(header: string | string[] | undefined): Digests {
  const digests: Digests = {}
  for (const text of [header ?? []].flat().join(',').split(',')) {
    if (text.trim() === '') continue
    const [, algorithm = '', base64 = ''] = member.exec(text.trim()) ?? []
    if (algorithm === '') throw badDigest()
    if (!isKnown(algorithm)) continue
    const { name, bytes } = known[algorithm]
    const digest = Buffer.from(base64, 'base64')
    if (digest.byteLength !== bytes) throw badDigest()
    digests[name] = digest.toString('hex')
  }
  return digests
}

const isKnown = (algorithm: string): algorithm is keyof typeof known => Object.hasOwn(known, algorithm)

const badDigest = () =>
  invalid([
    { path: 'Content-Digest', message: 'wants sha-256=:…: or sha-512=:…:, the digest in base64 between colons' },
  ])
