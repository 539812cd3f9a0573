import { writeOutputs } from '../../core/db/outputs.ts'
import { readPlan } from '../../core/db/plan.ts'
import type { Trx } from '../../core/db/tasks.ts'
import { SluiceError } from '../../core/errors.ts'
import type { StoryboardPlan } from '../../core/media/storyboard.ts'
import { contentTypeFor } from '../../core/storage/content-types.ts'
import type { Handler, TaskRun } from '../house.ts'
import { publishAfter } from '../publish/publish-after.ts'
import { sourceFile } from '../source-file.ts'
import { makeStoryboard, type Storyboard } from './storyboard.ts'

/** Small pictures of the whole length, for the bar that a viewer moves along. */
export const storyboard: Handler = async (run) => {
  const { task, bench, put, house } = run
  const plan = await readPlan(house.db, { id: task.asset_id, generation: task.generation })
  if (plan.kind !== 'video' || !plan.storyboard)
    throw new SluiceError('internal', { message: 'the plan has no storyboard', fate: 'give_up' })
  const sourcePath = await sourceFile(run)
  const wish = { info: plan.info, plan: plan.storyboard, sourcePath }
  const made = await makeStoryboard({ ...wish, tools: house.tools, bench, put })
  const { interval, tiles, sprites } = made
  const result = { interval, tiles, sprites: sprites.length }
  return { result, write: publishAfter(run, writeStoryboard({ run, plan: plan.storyboard, made })) }
}

type Options = { run: TaskRun; plan: StoryboardPlan; made: Storyboard }

function writeStoryboard({ run: { task }, plan, made }: Options) {
  const { vtt, sprites, interval } = made
  const facts = { tileWidth: plan.width, tileHeight: plan.height, interval }
  const output = { role: 'storyboard' as const }
  return (trx: Trx): Promise<void> =>
    writeOutputs(trx, { id: task.asset_id, generation: task.generation }, [
      { ...output, name: 'vtt', contentType: contentTypeFor(vtt.key), ...vtt, facts },
      ...sprites.map(({ name, key, bytes, sha256, width, height }) => ({
        ...{ ...output, name, key, bytes, sha256, contentType: contentTypeFor(key), facts: { width, height } },
      })),
    ])
}
