import type { Database } from '../../core/db/open.ts'
import type { NewOutput } from '../../core/db/outputs.ts'
import { readTracks } from '../../core/db/segments.ts'
import { SluiceError } from '../../core/errors.ts'
import { unbroken } from '../../core/media/hls-facts.ts'
import { soundTrack } from '../../core/media/sound-plan.ts'
import { soundPlaylists } from '../../core/media/sound-playlists.ts'
import type { TaskRun } from '../house.ts'
import { putText } from './publish-video.ts'
import { orderProblems } from './verify-order.ts'

type Options = { run: Pick<TaskRun, 'asset' | 'task' | 'bench'>; db: Database; complete: boolean }

/** Writes the lists of a recording's segments, growing or lasting. Whoever calls holds the asset's lock. */
export async function publishSound({
  run,
  db,
  complete,
}: Options): Promise<{ playable: boolean; outputs: NewOutput[] }> {
  const generation = { id: run.asset.id, generation: run.task.generation }
  const [track] = await readTracks(db, generation, { names: [soundTrack] })
  const segments = unbroken(track?.segments ?? [])
  const problems = complete ? (track ? orderProblems(track) : ['no segments were made']) : []
  if (problems.length > 0) throw new SluiceError('output_invalid', { message: problems.slice(0, 10).join('; ') })
  if (track === undefined || segments.length === 0) return { playable: false, outputs: [] }
  const { media, master } = soundPlaylists({ ...track, segments }, complete ? 'vod' : 'event')
  await putText(run, media)
  return { playable: true, outputs: [{ role: 'hls', name: 'master', ...(await putText(run, master)) }] }
}
