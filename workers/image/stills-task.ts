import { readPlan } from '../../core/db/plan.ts'
import { SluiceError } from '../../core/errors.ts'
import { type CoverWishes, renderCover } from '../audio/cover.ts'
import type { Handler, Outcome, TaskRun } from '../house.ts'
import { publishAfter } from '../publish/publish-after.ts'
import { sourceFile } from '../source-file.ts'
import { makeStills } from '../video/stills.ts'
import { publishStills } from './publish-stills.ts'
import { writeStills } from './write-stills.ts'

/** Thumbnails, poster and placeholder of a video, all from one well-chosen frame. */
export const stills: Handler = async (run) => {
  const { task, bench, put, house } = run
  const plan = await readPlan(house.db, { id: task.asset_id, generation: task.generation })
  if (plan.kind === 'audio' && plan.cover) return coverStills({ run, cover: plan.cover })
  if (plan.kind !== 'video' || plan.stills === null)
    throw new SluiceError('internal', { message: 'the plan has no stills', fate: 'give_up' })
  const sourcePath = await sourceFile(run)
  const made = await makeStills({ info: plan.info, sourcePath, wishes: plan.stills, tools: house.tools, bench, put })
  return { result: { made: made.outputs.length }, write: publishAfter(run, writeStills(run, made)) }
}

/** The same of a recording's cover picture; a broken one is left out. */
async function coverStills({ run, cover }: { run: TaskRun; cover: CoverWishes }): Promise<Outcome> {
  const { task, asset, bench, put, house } = run
  const { MAX_PIXELS: maxPixels } = house.config
  const made = await renderCover({
    cover,
    sourcePath: await sourceFile(run),
    maxPixels,
    ...{ tools: house.tools, images: house.images, tenant: asset.tenant },
    task,
    bench,
  })
  if (made === undefined) return { result: { made: 0 }, write: publishAfter(run) }
  const outputs = await publishStills({ rendered: made.rendered, bench, put })
  return { result: { made: outputs.length }, write: publishAfter(run, writeStills(run, { ...made, outputs })) }
}
