import { readPlan } from '../../core/db/plan.ts'
import { SluiceError } from '../../core/errors.ts'
import { crashLimit } from '../../core/task-kinds.ts'
import type { Handler, TaskRun } from '../house.ts'
import { isLastFailure } from '../last-failure.ts'
import { publishAfter } from '../publish/publish-after.ts'
import { sourceFile } from '../source-file.ts'
import { convertSubtitles } from './convert-subtitles.ts'

/** The text tracks of a video, all in one reading of the source. Whatever goes wrong with them, the film comes out. */
export const subtitles: Handler = async (run) => {
  const { task, bench } = run
  try {
    // It has taken workers down: not another one.
    const files = task.crashes + 1 >= crashLimit ? [] : await convert(run)
    return { result: { files }, write: publishAfter(run) }
  } catch (err) {
    if (bench.signal.aborted || !isLastFailure({ thrown: err, kind: 'subtitles', task })) throw err
    bench.log.error({ err }, 'the subtitles are given up, the video goes on without them')
    return { result: { files: [] }, write: publishAfter(run) }
  }
}

async function convert(run: TaskRun) {
  const { task, bench, put, house } = run
  const plan = await readPlan(house.db, { id: task.asset_id, generation: task.generation })
  if (plan.kind !== 'video' || plan.video?.texts === undefined)
    throw new SluiceError('internal', { message: 'the plan has no subtitles', fate: 'give_up' })
  const sourcePath = await sourceFile(run)
  const made = await convertSubtitles({
    ...{ plan: plan.video, attempt: task.attempt, sourcePath, tools: house.tools, bench, put },
  })
  return made.map(({ track, key, bytes }) => ({ track: track.name, key, bytes }))
}
