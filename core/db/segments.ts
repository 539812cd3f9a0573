import { SluiceError } from '../errors.ts'
import type { InitFact, Track } from '../media/hls-facts.ts'
import type { Database } from './open.ts'
import { type Fence, holdRun } from './task-run.ts'
import type { Task, Trx } from './tasks.ts'

type Generation = { id: string; generation: number }

/**
 * Remembers segments that lie in storage, as long as this run holds its task. The first word about a segment
 * stands for good: viewers may be reading it already.
 */
export async function recordSegments(
  db: Database,
  fence: Fence & Pick<Task, 'generation'>,
  tracks: readonly Track[],
): Promise<void> {
  const asset = { id: fence.asset_id, generation: fence.generation }
  await db.transaction().execute(async (trx) => {
    await holdRun(trx, fence)
    for (const { name, init, segments } of tracks) {
      await recordInit(trx, { asset, name, init })
      const rows = segments.map(({ key, number, bytes, start, seconds, frames }) => {
        return { ...of(asset), track: name, key, number, bytes, start, seconds, frames }
      })
      if (rows.length === 0) continue
      await trx
        .insertInto('segments')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  })
}

const of = ({ id, generation }: Generation) => ({ asset_id: id, generation })

/** Pieces made apart join only when every one of them has the same init segment. */
async function recordInit(
  trx: Trx,
  { asset, name, init }: { asset: Generation; name: string; init: InitFact },
): Promise<void> {
  await trx
    .insertInto('tracks')
    .values({
      ...of(asset),
      name,
      init_key: init.key,
      init_sha256: init.sha256,
      init_bytes: init.bytes,
      codec: init.codec,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const first = await trx
    .selectFrom('tracks')
    .select('init_sha256')
    .where('asset_id', '=', asset.id)
    .where('generation', '=', asset.generation)
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  if (first.init_sha256 !== init.sha256)
    throw new SluiceError('output_invalid', { message: `a piece of ${name} has an init segment of its own` })
}

/** Everything that is made of a generation so far, each track's segments in order. */
export async function readTracks(
  db: Database | Trx,
  asset: Generation,
  only?: { names: readonly string[]; from?: number; to?: number },
): Promise<Track[]> {
  let tracks = db
    .selectFrom('tracks')
    .selectAll()
    .where('asset_id', '=', asset.id)
    .where('generation', '=', asset.generation)
    .orderBy('name')
  let segments = db
    .selectFrom('segments')
    .selectAll()
    .where('asset_id', '=', asset.id)
    .where('generation', '=', asset.generation)
    .orderBy('number')
  if (only !== undefined) {
    tracks = tracks.where('name', 'in', only.names)
    segments = segments.where('track', 'in', only.names)
    if (only.from !== undefined) segments = segments.where('number', '>=', only.from)
    if (only.to !== undefined) segments = segments.where('number', '<', only.to)
  }
  const rows = Map.groupBy(await segments.execute(), (row) => row.track)
  return (await tracks.execute()).map((row) => ({
    name: row.name,
    init: { key: row.init_key, sha256: row.init_sha256, bytes: row.init_bytes, codec: row.codec },
    segments: (rows.get(row.name) ?? []).map(({ key, number, bytes, start, seconds, frames }) => {
      return { key, number, bytes, start, seconds, frames }
    }),
  }))
}

/** Whether everything before this segment is made, so that what follows can be shown. */
export async function reaches(
  db: Database,
  asset: Generation,
  { track, before }: { track: string; before: number },
): Promise<boolean> {
  const row = await db
    .selectFrom('segments')
    .select((of) => of.fn.countAll<string>().as('count'))
    .where('asset_id', '=', asset.id)
    .where('generation', '=', asset.generation)
    .where('track', '=', track)
    .where('number', '<', before)
    .executeTakeFirstOrThrow()
  return Number(row.count) === before
}
