import { readPlan } from '../../core/db/plan.ts'
import { SluiceError } from '../../core/errors.ts'
import type { Handler } from '../house.ts'
import { growing } from '../publish/grow.ts'
import { publishAfter } from '../publish/publish-after.ts'
import { sourceFile } from '../source-file.ts'
import { segmentLedger } from '../video/segment-ledger.ts'
import { encodeAudio } from './encode-audio.ts'
import { recording } from './recording.ts'

/** Sound: all tracks of a video as renditions of their own, or a recording as one file that plays everywhere. */
export const sound: Handler = async (run) => {
  const { task, bench, put, house } = run
  const plan = await readPlan(house.db, { id: task.asset_id, generation: task.generation })
  const sourcePath = await sourceFile(run)
  if (plan.kind === 'audio' && plan.sound) return recording({ run, plan: plan.sound, sourcePath })
  const video = plan.kind === 'video' ? plan.video : null
  if (video === null || video.audio.length === 0)
    throw new SluiceError('internal', { message: 'the plan has no sound', fate: 'give_up' })
  await encodeAudio({
    ...{ sourcePath, bench, put },
    plan: video,
    attempt: task.attempt,
    memory: run.memory,
    tools: house.tools,
    ledger: segmentLedger({ run, afterwards: growing({ run, plan: video, after: 0 }) }),
  })
  return { result: { tracks: video.audio.length }, write: publishAfter(run) }
}
