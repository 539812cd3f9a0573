import { readPlan } from '../../core/db/plan.ts'
import { SluiceError } from '../../core/errors.ts'
import type { Handler } from '../house.ts'
import { publishAfter } from '../publish/publish-after.ts'
import { sourceFile } from '../source-file.ts'
import { makeStills } from '../video/stills.ts'
import { writeStills } from './write-stills.ts'

/** Thumbnails, poster and placeholder of a video, all from one well-chosen frame. */
export const stills: Handler = async (run) => {
  const { task, bench, put, house } = run
  const plan = await readPlan(house.db, { id: task.asset_id, generation: task.generation })
  if (plan.kind !== 'video' || plan.stills === null)
    throw new SluiceError('internal', { message: 'the plan has no stills', fate: 'give_up' })
  const sourcePath = await sourceFile(run)
  const made = await makeStills({ info: plan.info, sourcePath, wishes: plan.stills, tools: house.tools, bench, put })
  return { result: { made: made.outputs.length }, write: publishAfter(run, writeStills(run, made)) }
}
