import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import type { Handler } from '../house.ts'
import { openSource, sourceKeyOf } from '../source-file.ts'

/** Reads the stored source once, for its SHA-256, where nobody saw all its bytes as they came. Nothing waits for it. */
export const digest: Handler = async ({ asset, bench }) => {
  const key = sourceKeyOf(asset)
  const hash = createHash('sha256')
  await pipeline(await openSource({ asset, bench }), hash, { signal: bench.signal })
  const sha256 = hash.digest('hex')
  return {
    result: { sha256 },
    write: async (trx) => {
      await trx
        .updateTable('assets')
        .set({ source_sha256: sha256 })
        .where('id', '=', asset.id)
        .where('source_key', '=', key)
        .where('source_sha256', 'is', null)
        .execute()
      return []
    },
  }
}
