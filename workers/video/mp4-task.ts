import { writeOutputs } from '../../core/db/outputs.ts'
import { readPlan } from '../../core/db/plan.ts'
import { readTracks } from '../../core/db/segments.ts'
import { SluiceError } from '../../core/errors.ts'
import type { Track } from '../../core/media/hls-facts.ts'
import { contentTypeFor } from '../../core/storage/content-types.ts'
import { generationPrefix } from '../../core/storage/keys.ts'
import type { Handler } from '../house.ts'
import { publishAfter } from '../publish/publish-after.ts'
import { makeMp4 } from './make-mp4.ts'

/** One quality and its sound as a progressive file, from the finished segments. */
export const mp4: Handler = async (run) => {
  const { task, asset, bench, put, house } = run
  const generation = { id: task.asset_id, generation: task.generation }
  const plan = await readPlan(house.db, generation)
  if (plan.kind !== 'video' || plan.video === null || plan.mp4 === null)
    throw new SluiceError('internal', { message: 'the plan has no MP4', fate: 'give_up' })
  const { rendition, audio, width, height } = plan.mp4
  const tracks = await readTracks(house.db, generation, { names: audio === null ? [rendition] : [rendition, audio] })
  const stored = await makeMp4({
    ...{ plan: plan.video, mp4: plan.mp4, tools: house.tools, bench, put },
    pictures: named(tracks, rendition),
    sound: audio === null ? undefined : named(tracks, audio),
    prefix: generationPrefix(asset, task.generation),
  })
  const facts = { width, height }
  const output = { role: 'mp4', name: rendition, contentType: contentTypeFor(stored.key), facts, ...stored } as const
  return { result: { bytes: stored.bytes }, write: publishAfter(run, (trx) => writeOutputs(trx, generation, [output])) }
}

function named(tracks: readonly Track[], name: string): Track {
  const track = tracks.find((one) => one.name === name)
  if (track !== undefined) return track
  throw new SluiceError('internal', { message: `nothing of ${name} is recorded`, fate: 'give_up' })
}
