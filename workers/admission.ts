import { z } from 'zod'
import { readPlan } from '../core/db/plan.ts'
import { encodeMemory, imageMemory, soundMemory, stillsMemory } from '../core/media/cost.ts'
import type { AssetPlan } from '../core/plan.ts'
import type { Handler, TaskRun } from './house.ts'
import { inItsPlace } from './in-its-place.ts'

/** What a recipe takes of the memory that its worker may use. */
export type Cost = (options: { plan: AssetPlan; asset: Pick<TaskRun['asset'], 'media'>; cpus: number }) => number

/** A recipe that runs when there is memory for it, as far back on the processor as suits it. While it waits its task is kept, and a cancel ends the wait. */
export const admitted =
  (cost: Cost, recipe: Handler): Handler =>
  async (run) => {
    const { task, asset, bench, house } = run
    const plan = await readPlan(house.db, { id: task.asset_id, generation: task.generation })
    const bytes = cost({ plan, asset, cpus: house.tools.cpus })
    const since = performance.now()
    const leave = await house.memory.enter({ bytes, signal: bench.signal })
    try {
      const waitedMs = Math.round(performance.now() - since)
      if (waitedMs > 1_000) bench.log.info({ waitedMs, bytes }, 'waited for memory')
      return await inItsPlace({ ...run, memory: bytes }, { plan, recipe })
    } finally {
      leave()
    }
  }

export const encodeCost: Cost = ({ plan, cpus }) => {
  if (plan.kind !== 'video' || !plan.info.video || !plan.video) return 0
  return encodeMemory({ info: plan.info, source: plan.info.video, plan: plan.video, cpus })
}

export const stillsCost: Cost = ({ plan, cpus }) =>
  plan.kind === 'video' && plan.info.video ? stillsMemory({ info: plan.info, source: plan.info.video, cpus }) : 0

export const soundCost: Cost = ({ plan }) => (plan.kind === 'image' ? 0 : soundMemory(plan.info))

const known = z.object({ format: z.string(), width: z.number(), height: z.number() })

export const variantsCost: Cost = ({ plan, asset }) => {
  if (plan.kind !== 'image') return 0
  const { working, animated } = plan.image
  const { format, width, height } = known.safeParse(asset.media).data ?? { format: '', ...working }
  const allFrames = animated?.sourcePixels ?? 0
  return imageMemory({ format, pixels: width * height, working: working.width * working.height, allFrames })
}
