import { createHash, randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect } from 'vitest'
import { cacheControlFor, contentTypeFor } from './content-types.ts'
import type { ByteRange, PutOptions, Storage } from './storage.ts'

/** One driver under test, and what only its own test file can know of it. */
export type Bench = {
  storage: Storage
  /** Fetches a signed address as a stranger would. */
  fetchSigned(url: string): Promise<{ ok: boolean; body: Buffer }>
  /** What unfinished puts left behind: temp files, open multipart uploads. */
  leftovers(): Promise<string[]>
  close(): Promise<void>
}

export const MiB = 1024 * 1024
export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
export const headersFor = (key: string) => ({ contentType: contentTypeFor(key), cacheControl: cacheControlFor(key) })

/** A prefix that no other test uses. */
export const folder = () => `t/${randomUUID()}`

/** The same bytes in pieces of many sizes, none of them round. */
export async function* oddPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 3 + 7) % 300_001) {
    yield bytes.subarray(at, at + size)
  }
}

/** The few words that the sentences of the contract are made of. */
export function toolsOf(bench: () => Bench) {
  const storage = () => bench().storage
  return {
    storage,
    put: (key: string, body: Readable | Buffer, options: Partial<PutOptions> = {}) =>
      storage().put(key, body, { ...headersFor(key), ...options }),
    read: async (key: string, range?: ByteRange) => buffer(await storage().get(key, range ? { range } : {})),
    async keysUnder(prefix: string) {
      const keys: string[] = []
      for await (const { key } of storage().list(prefix)) keys.push(key)
      return keys
    },
    async nothingStays(key: string) {
      expect(await storage().head(key)).toBeUndefined()
      expect(await bench().leftovers()).toEqual([])
    },
  }
}
