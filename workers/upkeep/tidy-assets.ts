import { beginTidying, endTidying, type Untidied, untidiedAssets } from '../../core/db/tidying.ts'
import { assetPrefix } from '../../core/storage/keys.ts'
import type { House } from '../house.ts'
import { garbageOf } from './garbage.ts'

type Keeping = Pick<House, 'db' | 'storage' | 'log'>

/** Objects that were removed, and assets that could not be looked over to their end. */
type Tidied = { removed: number; failed: number }

const atOnce = 50
const deletedAtOnce = 1_000

/**
 * Looks over the storage of assets that ended a while ago, once for each end: former generations, what failed and
 * cancelled ones had made, segments of runs that were overtaken, and whatever came after a deletion.
 */
export async function tidyAssets(
  house: Keeping,
  { graceMs, limit = atOnce }: { graceMs: number; limit?: number },
): Promise<Tidied> {
  const ends = { removed: 0, failed: 0 }
  for (const asset of await untidiedAssets(house.db, { graceMs, limit })) {
    try {
      if (!(await beginTidying(house.db, asset))) continue
      ends.removed += await removeGarbage(house, asset)
      await endTidying(house.db, asset)
    } catch (err) {
      ends.failed++
      house.log.warn({ err, assetId: asset.id }, 'the storage of an asset could not be tidied; it comes round again')
    }
  }
  return ends
}

async function removeGarbage({ db, storage }: Keeping, asset: Untidied): Promise<number> {
  if (asset.deleted_at !== null) return storage.deletePrefix(assetPrefix(asset))
  let removed = 0
  let keys: string[] = []
  const flush = async () => {
    await storage.delete(keys)
    removed += keys.length
    keys = []
  }
  for await (const { key } of garbageOf({ db, storage }, asset)) {
    keys.push(key)
    if (keys.length === deletedAtOnce) await flush()
  }
  if (keys.length > 0) await flush()
  return removed
}
