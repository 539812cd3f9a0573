import { readPlan } from '../../core/db/plan.ts'
import { SluiceError } from '../../core/errors.ts'
import type { Handler } from '../house.ts'
import { imageBytes, imageLimits } from '../ingest/inspect-image.ts'
import { publishAfter } from '../publish/publish-after.ts'
import { makeImageVariants } from './variants.ts'
import { writeStills } from './write-stills.ts'

/** Every size and format of a picture, its thumbnails and its placeholder. */
export const variants: Handler = async (run) => {
  const { task, bench, put, house } = run
  const plan = await readPlan(house.db, { id: task.asset_id, generation: task.generation })
  if (plan.kind !== 'image')
    throw new SluiceError('internal', { message: 'the plan is not for a picture', fate: 'give_up' })
  const made = await makeImageVariants({
    source: await imageBytes(run),
    plan: plan.image,
    // What the profile does not take was refused before there was a plan.
    limits: imageLimits(run, { tiff: true }),
    tools: house.tools,
    bench,
    put,
  })
  return { result: { made: made.outputs.length }, write: publishAfter(run, writeStills(run, made)) }
}
