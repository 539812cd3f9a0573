import { z } from 'zod'
import type { AssetPlan } from '../core/plan.ts'
import type { MediaTools } from './edges/tools.ts'
import type { Handler, Outcome, TaskRun } from './house.ts'
import { isLong, niceOf } from './stand-back.ts'

/** What is soon done, whatever it is of. */
export const quick =
  (recipe: Handler): Handler =>
  (run) =>
    // What is made anew in masses holds up nobody.
    run.house.tools.nice === undefined ? whileOthersHold(recipe, run) : recipe(run)

/** A larger source may have to come over a network first, and for a network nobody needs to stand still. */
const mostBytes = 64 * 2 ** 20

async function whileOthersHold(recipe: Handler, run: TaskRun): Promise<Outcome> {
  if ((run.asset.source_bytes ?? 0) > mostBytes) return recipe(run)
  const over = run.house.courtesy.small(run.asset.id)
  try {
    return await recipe(run)
  } finally {
    over()
  }
}

/** Runs a recipe as far back on the processor as suits what it has to do. */
export function inItsPlace(run: TaskRun, { plan, recipe }: { plan: AssetPlan; recipe: Handler }): Promise<Outcome> {
  const { asset, house } = run
  const work = { plan, key: run.task.key, pixels: pixelsOf(asset) }
  const { nice = niceOf(work) } = house.tools
  // What is made anew in masses takes as long as it likes. A decoder of pictures is used again, though: only those of very large ones are held.
  const long = isLong(work) || (plan.kind !== 'image' && house.tools.nice !== undefined)
  const courtesy: MediaTools['courtesy'] = (child) => house.courtesy.long(asset.id, child)
  const placed = { ...run, house: { ...house, tools: { ...house.tools, nice, ...(long && { courtesy }) } } }
  return long || house.tools.nice !== undefined ? recipe(placed) : whileOthersHold(recipe, placed)
}

const sized = z.object({ width: z.number(), height: z.number() })

function pixelsOf({ media }: Pick<TaskRun['asset'], 'media'>): number {
  const { data } = sized.safeParse(media)
  return data === undefined ? 0 : data.width * data.height
}
