import { readTracks } from '../../core/db/segments.ts'
import { keptGenerations, type Untidied } from '../../core/db/tidying.ts'
import { piecesOf } from '../../core/db/uploads.ts'
import { assetPrefix } from '../../core/storage/keys.ts'
import type { StoredObject } from '../../core/storage/storage.ts'
import type { House } from '../house.ts'

/** Names that differ from run to run; all others are written over by the run that counts. */
const ofOneRun = /\.m4s$|\/init-[0-9a-f]+\.mp4$/

/** What nobody refers to, of all that lies in storage for an asset that has ended. Whatever it does not know it lets lie. */
export async function* garbageOf(
  { db, storage }: { db: House['db']; storage: Pick<House['storage'], 'list'> },
  asset: Untidied,
): AsyncGenerator<StoredObject> {
  const isGarbage = asset.deleted_at === null ? await garbageRule(db, asset) : () => true
  for await (const object of storage.list(assetPrefix(asset))) if (isGarbage(object.key)) yield object
}

async function garbageRule(db: House['db'], asset: Untidied): Promise<(key: string) => boolean> {
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
