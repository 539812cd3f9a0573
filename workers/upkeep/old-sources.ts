import { dropOldSources } from '../../core/db/drop-sources.ts'
import type { House } from '../house.ts'

const atOnce = 200

/** Deletes sources that have been kept for as long as they should be. */
export async function deleteOldSources(
  { db, storage }: Pick<House, 'db' | 'storage'>,
  keptSeconds: number,
): Promise<number> {
  let deleted = 0
  for (;;) {
    const keys = await dropOldSources(db, { keptSeconds, limit: atOnce })
    await storage.delete(keys)
    deleted += keys.length
    if (keys.length < atOnce) return deleted
  }
}
