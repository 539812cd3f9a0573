import { SluiceError } from '../errors.ts'
import type { VideoPlan } from '../media/video-plan.ts'
import type { AssetPlan } from '../plan.ts'
import type { Database } from './open.ts'
import { finishedTask, type Trx } from './tasks.ts'

/** The plan of a generation. Only a finished `inspect` starts anything that asks for it. */
export async function readPlan(db: Database | Trx, asset: { id: string; generation: number }): Promise<AssetPlan> {
  const done = await finishedTask(db, { ...asset, key: 'inspect' })
  if (done === undefined) throw new SluiceError('internal', { message: `asset ${asset.id} has no plan yet` })
  return done.result as AssetPlan // written by inspect, in the transaction that made this task
}

/** The same for what only videos that are encoded have tasks for. */
export async function readVideoPlan(db: Database | Trx, asset: { id: string; generation: number }): Promise<VideoPlan> {
  const plan = await readPlan(db, asset)
  if (plan.kind === 'video' && plan.video !== null) return plan.video
  throw new SluiceError('internal', { message: `the plan of ${asset.id} encodes no video`, fate: 'give_up' })
}
