import { readTracks } from '../../core/db/segments.ts'
import { SluiceError } from '../../core/errors.ts'
import type { Track } from '../../core/media/hls-facts.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'
import { generationPrefix } from '../../core/storage/keys.ts'
import type { Storage } from '../../core/storage/storage.ts'
import type { TaskRun } from '../house.ts'
import { type Ends, verifyDecoded } from './verify-decoded.ts'

/** Before readers are sent there: every segment that the lists name lies in storage at its size, and both ends of every track decode. */
export async function verifySegments({ run, plan }: { run: TaskRun; plan: VideoPlan | null }): Promise<void> {
  const { task, asset, house, bench } = run
  const tracks = await readTracks(house.db, { id: task.asset_id, generation: task.generation })
  if (tracks.length === 0) return
  const prefix = generationPrefix(asset, task.generation)
  const problems = await missing({ tracks, prefix, storage: bench.storage })
  if (problems.length > 0)
    throw new SluiceError('output_invalid', {
      message: `not in storage as written: ${problems.slice(0, 10).join(', ')}`,
    })
  const ends = await Promise.all(tracks.map((track) => endsOf({ track, prefix, bench })))
  await verifyDecoded({ ends, plan, tools: house.tools, scratch: bench.scratch, signal: bench.signal })
}

type Where = { prefix: string; storage: Storage }

/** Asked for by the page and not one by one: a film has thousands. */
async function missing({ tracks, prefix, storage }: Where & { tracks: readonly Track[] }): Promise<string[]> {
  const found = new Map<string, number>()
  for await (const { key, bytes } of storage.list(`${prefix}hls`)) found.set(key.slice(prefix.length), bytes)
  return tracks
    .flatMap(({ init, segments }) => [init, ...segments])
    .filter(({ key, bytes }) => found.get(key) !== bytes)
    .map(({ key }) => key)
}

async function endsOf({
  track,
  prefix,
  bench,
}: {
  track: Track
  prefix: string
  bench: TaskRun['bench']
}): Promise<Ends> {
  const { name, init, segments } = track
  const [first, last] = [segments[0], segments.at(-1)]
  if (!first || !last) throw new SluiceError('output_invalid', { message: `${name} has no segments` })
  const read = async (key: string) =>
    Buffer.concat(await (await bench.storage.get(prefix + key, { signal: bench.signal })).toArray())
  const [head, front, back] = await Promise.all([read(init.key), read(first.key), read(last.key)])
  return { name, codec: init.codec, init: head, first: front, last: back }
}
