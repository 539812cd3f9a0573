import { z } from 'zod'
import type { AssetPlan } from '../core/plan.ts'
import { kindOf } from '../core/task-kinds.ts'
import type { MediaTools } from './edges/tools.ts'
import type { Handler, Outcome, TaskRun } from './house.ts'
import { smallAtFirst } from './small-at-first.ts'
import { isLong, niceOf } from './stand-back.ts'

/** What stands still keeps its slot: of large sources no more at once, so that there is one for what is small. */
const mostStanding = 2

/** What is soon done, as far as anybody knows. */
export function quick(recipe: Handler): Handler {
  let standing = 0
  return async (run) => {
    // What is made anew in masses holds up nobody.
    if (run.house.tools.nice !== undefined) return recipe(run)
    if (!isLarge(run.asset)) return untilItIsLong(recipe, run)
    if (standing >= mostStanding) return recipe(run)
    standing++
    try {
      return await recipe(heldFor(run))
    } finally {
      standing--
    }
  }
}

/** It may have to come over a network first, and for a network nobody needs to stand still; and to look at all of it takes long. */
const largeBytes = 64 * 2 ** 20

const isLarge = ({ source_bytes: bytes }: TaskRun['asset']) => (bytes ?? 0) > largeBytes

async function whileOthersHold(recipe: Handler, run: TaskRun): Promise<Outcome> {
  if (isLarge(run.asset)) return recipe(run)
  const over = run.house.courtesy.small(run.asset.id)
  try {
    return await recipe(run)
  } finally {
    over()
  }
}

/** Runs a recipe as far back on the processor as suits what it has to do. */
export function inItsPlace(run: TaskRun, { plan, recipe }: { plan: AssetPlan; recipe: Handler }): Promise<Outcome> {
  const { asset, house, task } = run
  const work = { plan, key: task.key, pixels: pixelsOf(asset) }
  const anew = house.tools.nice !== undefined
  const placed = withTools(run, { nice: house.tools.nice ?? niceOf(work) })
  const picture = plan.kind === 'image'
  // What is made anew in masses takes as long as it likes. Decoders of pictures are used again, though: only those of very large ones are held.
  if (isLong(work) || (anew && !picture)) return recipe(heldFor(placed))
  if (anew) return recipe(placed)
  return picture || kindOf(task.key) === 'encode' ? whileOthersHold(recipe, placed) : untilItIsLong(recipe, placed)
}

async function untilItIsLong(recipe: Handler, run: TaskRun): Promise<Outcome> {
  const { asset, house } = run
  const { courtesy, end } = smallAtFirst({ courtesy: house.courtesy, asset: asset.id, holds: !isLarge(asset) })
  try {
    return await recipe(withTools(run, { courtesy }))
  } finally {
    end()
  }
}

/** While what is small is made of another asset. */
const heldFor = (run: TaskRun) =>
  withTools(run, { courtesy: (program) => run.house.courtesy.long(run.asset.id, program) })

const withTools = (run: TaskRun, more: Partial<MediaTools>): TaskRun => ({
  ...run,
  house: { ...run.house, tools: { ...run.house.tools, ...more } },
})

const sized = z.object({ width: z.number(), height: z.number() })

function pixelsOf({ media }: Pick<TaskRun['asset'], 'media'>): number {
  const { data } = sized.safeParse(media)
  return data === undefined ? 0 : data.width * data.height
}
