import { readPlan } from '../../core/db/plan.ts'
import { SluiceError } from '../../core/errors.ts'
import type { Handler } from '../house.ts'
import { imageBytes, imageLimits } from '../ingest/inspect-image.ts'
import { publishAfter } from '../publish/publish-after.ts'
import { sourceFile } from '../source-file.ts'
import { decodeOnlyFrame } from '../video/only-frame.ts'
import { makeImageVariants, makePictureVariants } from './variants.ts'
import { writeStills } from './write-stills.ts'

/** Every size and format of a picture, its thumbnails and its placeholder. */
export const variants: Handler = async (run) => {
  const { task, asset, bench, put, house } = run
  const plan = await readPlan(house.db, { id: task.asset_id, generation: task.generation })
  if (plan.kind !== 'image')
    throw new SluiceError('internal', { message: 'the plan is not for a picture', fate: 'give_up' })
  const { tools, images } = house
  const decoding = { images, tenant: asset.tenant, memory: run.memory, long: tools.courtesy }
  // What the profile does not take was refused before there was a plan.
  const limits = imageLimits(run, { tiff: true })
  const common = { plan: plan.image, limits, bench, put }
  const made =
    plan.onlyFrame === undefined
      ? await makeImageVariants({ ...common, source: await imageBytes(run), ...decoding })
      : await makePictureVariants({
          ...common,
          picture: await decodeOnlyFrame({
            video: plan.onlyFrame,
            sourcePath: await sourceFile(run),
            size: plan.image.working,
            ...{ tools, bench },
          }),
        })
  return { result: { made: made.outputs.length }, write: publishAfter(run, writeStills(run, made)) }
}
