import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import type { Handler } from '../house.ts'
import { openSource } from '../source-file.ts'

/** Reads the source once, for its SHA-256, where nobody saw all its bytes as they came. Nothing waits for it. */
export const digest: Handler = async (run) => {
  const { asset, bench } = run
  const hash = createHash('sha256')
  await pipeline(await openSource(run), hash, { signal: bench.signal })
  const sha256 = hash.digest('hex')
  return {
    result: { sha256 },
    write: async (trx) => {
      await trx
        .updateTable('assets')
        .set({ source_sha256: sha256 })
        .where('id', '=', asset.id)
        .where('source_key', 'is not distinct from', asset.source_key)
        .where('source_sha256', 'is', null)
        .execute()
      return []
    },
  }
}
