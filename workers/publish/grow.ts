import { ifAssetUnlocked } from '../../core/db/asset-lock.ts'
import { isBeingMade, markPlayable } from '../../core/db/assets.ts'
import type { Database } from '../../core/db/open.ts'
import { type NewOutput, writeOutputs } from '../../core/db/outputs.ts'
import { reaches } from '../../core/db/segments.ts'
import { holdRun, LeaseLost, lockAsset } from '../../core/db/task-run.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'
import type { TaskRun } from '../house.ts'
import { publishVideo } from './publish-video.ts'

type Options = {
  run: TaskRun
  plan: VideoPlan
  /** The first segment of this piece: until all before it are there, what it makes cannot be shown. */
  after: number
}

/** Viewers fetch a growing list about once a segment; more often than this it need not be written. */
const restMs = 1_000

/**
 * Makes the function that a piece calls whenever it has new segments: the playlists grow by them while it goes on.
 * Whatever it leaves out, because somebody else is just writing, because a slow storage keeps others of this process waiting, or because it is too soon, the next call or the
 * `publish` after the piece makes good.
 */
export function growing({ run, plan, after }: Options): () => Promise<void> {
  const generation = { id: run.asset.id, generation: run.task.generation }
  let joined = after === 0
  const [top] = plan.renditions
  const write = growingLists({ run, publish: (db) => publishVideo({ run, db, plan, complete: false }) })

  return async () => {
    joined ||= top !== undefined && (await reaches(run.house.db, generation, { track: top.name, before: after }))
    if (joined) await write()
  }
}

type Publish = (db: Database) => Promise<{ playable: boolean; outputs: NewOutput[] }>

/** The same for whatever writes its lists, and can always be shown as far as it is. */
export function growingLists({ run, publish }: { run: TaskRun; publish: Publish }) {
  const { asset, task, house } = run
  const generation = { id: asset.id, tenant: asset.tenant, generation: task.generation }
  let said = false
  let next = 0

  return async () => {
    if (performance.now() < next) return
    try {
      await house.growths(() => ifAssetUnlocked(house.db, asset.id, grow))
    } catch (err) {
      if (err instanceof LeaseLost || run.bench.signal.aborted) throw err
      run.bench.log.warn({ err }, 'the playlists could not grow; whoever looks next makes it good')
    }
  }

  async function grow(db: Database): Promise<void> {
    // A run that was overtaken may find the asset finished by another: its growing lists are over.
    await holdRun(db, task)
    const { playable, outputs } = await publish(db)
    if (playable) next = performance.now() + restMs
    if (!playable || said) return
    const milestones = await db.transaction().execute(async (trx) => {
      await lockAsset(trx, asset.id)
      await holdRun(trx, task)
      if (!(await isBeingMade(trx, generation))) return []
      await writeOutputs(trx, generation, outputs)
      return markPlayable(trx, generation)
    })
    house.meters.assets.reached(milestones)
    said = true
  }
}
