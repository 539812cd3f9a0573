import { Readable } from 'node:stream'
import type { PutOptions, PutResult, Storage } from './storage.ts'

/** One object from the bytes of several, in order. Whole or absent, as every put. */
export function joinObjects(
  storage: Pick<Storage, 'get' | 'put'>,
  keys: string[],
  to: string,
  options: PutOptions,
): Promise<PutResult> {
  async function* bytes() {
    for (const key of keys) yield* await storage.get(key, options.signal ? { signal: options.signal } : {})
  }
  return storage.put(to, Readable.from(bytes(), { objectMode: false }), options)
}
