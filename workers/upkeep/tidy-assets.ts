import { readTracks } from '../../core/db/segments.ts'
import { beginTidying, endTidying, keptGenerations, type Untidied, untidiedAssets } from '../../core/db/tidying.ts'
import { piecesOf } from '../../core/db/uploads.ts'
import { assetPrefix } from '../../core/storage/keys.ts'
import type { House } from '../house.ts'

type Keeping = Pick<House, 'db' | 'storage' | 'log'>

const atOnce = 50
const deletedAtOnce = 1_000

/**
 * Looks over the storage of assets that ended a while ago, once for each end: former generations, what failed and
 * cancelled ones had made, segments of runs that were overtaken, and whatever came after a deletion.
 */
export async function tidyAssets(house: Keeping, { graceMs }: { graceMs: number }): Promise<number> {
  let removed = 0
  for (const asset of await untidiedAssets(house.db, { graceMs, limit: atOnce })) {
    try {
      if (!(await beginTidying(house.db, asset))) continue
      removed += await removeGarbage(house, asset)
      await endTidying(house.db, asset)
    } catch (err) {
      house.log.warn({ err, assetId: asset.id }, 'the storage of an asset could not be tidied; it comes round again')
    }
  }
  return removed
}

async function removeGarbage({ db, storage }: Keeping, asset: Untidied): Promise<number> {
  if (asset.deleted_at !== null) return storage.deletePrefix(assetPrefix(asset))
  const isGarbage = await garbageOf(db, asset)
  let removed = 0
  let keys: string[] = []
  const flush = async () => {
    await storage.delete(keys)
    removed += keys.length
    keys = []
  }
  for await (const { key } of storage.list(assetPrefix(asset))) {
    if (!isGarbage(key)) continue
    keys.push(key)
    if (keys.length === deletedAtOnce) await flush()
  }
  if (keys.length > 0) await flush()
  return removed
}

/** Names that differ from run to run; all others are written over by the run that counts. */
const ofOneRun = /\.m4s$|\/init-[0-9a-f]+\.mp4$/

/** What nobody refers to. Whatever it does not know it lets lie. */
async function garbageOf(db: House['db'], asset: Untidied): Promise<(key: string) => boolean> {
  const kept = new Set(keptGenerations(asset))
  const pieces = new Set((await piecesOf(db, asset.id)).map(({ key }) => key))
  const segments = new Map<number, Set<string>>()
  for (const generation of kept) {
    const tracks = await readTracks(db, { id: asset.id, generation })
    const keys = tracks.flatMap(({ init, segments }) => [init.key, ...segments.map(({ key }) => key)])
    segments.set(generation, new Set(keys))
  }
  return (key) => {
    const rest = key.slice(assetPrefix(asset).length)
    if (rest.startsWith('source/')) return key !== asset.source_key
    if (rest.startsWith('upload/')) return !pieces.has(key)
    const [whole, number = ''] = /^[gp](\d+)\//.exec(rest) ?? []
    if (whole === undefined) return false
    const generation = Number(number)
    // A later one than we know of is just being made.
    if (!kept.has(generation)) return generation <= asset.target_generation
    const named = segments.get(generation)
    // Where no row names any, this is not how they are known.
    return ofOneRun.test(rest) && named !== undefined && named.size > 0 && !named.has(rest.slice(whole.length))
  }
}
