import { z } from 'zod'
import { readPlan } from '../../core/db/plan.ts'
import { SluiceError } from '../../core/errors.ts'
import type { Handler } from '../house.ts'
import { growing } from '../publish/grow.ts'
import { publishAfter } from '../publish/publish-after.ts'
import { sourceFile } from '../source-file.ts'
import { segmentLedger } from '../video/segment-ledger.ts'
import { encodeAudio } from './encode-audio.ts'
import { recording } from './recording.ts'

const paramsSchema = z.object({ track: z.string().optional() })

/** Sound: one track of a video as its own rendition, or a recording as one file that plays everywhere. */
export const sound: Handler = async (run) => {
  const { task, bench, put, house } = run
  const plan = await readPlan(house.db, { id: task.asset_id, generation: task.generation })
  const sourcePath = await sourceFile(run)
  if (plan.kind === 'audio' && plan.sound) return recording({ run, plan: plan.sound, sourcePath })
  const { track: name } = paramsSchema.parse(task.params)
  const video = plan.kind === 'video' ? plan.video : null
  const track = video?.audio.find((one) => one.name === name)
  if (video === null || track === undefined)
    throw new SluiceError('internal', { message: `the plan has no track ${name}`, fate: 'give_up' })
  await encodeAudio({
    ...{ track, sourcePath, bench, put },
    plan: video,
    attempt: task.attempt,
    tools: house.tools,
    ledger: segmentLedger({ run, afterwards: growing({ run, plan: video, after: 0 }) }),
  })
  return { result: { track: track.name }, write: publishAfter(run) }
}
