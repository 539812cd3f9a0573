import { ifAssetUnlocked } from '../../core/db/asset-lock.ts'
import { isBeingMade, markPlayable } from '../../core/db/assets.ts'
import type { Database } from '../../core/db/open.ts'
import { writeOutputs } from '../../core/db/outputs.ts'
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
 * Whatever it leaves out, because somebody else is just writing or because it is too soon, the next call or the
 * `publish` after the piece makes good.
 */
export function growing({ run, plan, after }: Options): () => Promise<void> {
  const { asset, task, house } = run
  const generation = { id: asset.id, tenant: asset.tenant, generation: task.generation }
  let joined = after === 0
  let said = false
  let next = 0
  const [top] = plan.renditions

  return async () => {
    if (performance.now() < next) return
    joined ||= top !== undefined && (await reaches(house.db, generation, { track: top.name, before: after }))
    if (!joined) return
    try {
      await ifAssetUnlocked(house.db, asset.id, grow)
    } catch (err) {
      if (err instanceof LeaseLost || run.bench.signal.aborted) throw err
      run.bench.log.warn({ err }, 'the playlists could not grow; whoever looks next makes it good')
    }
  }

  async function grow(db: Database): Promise<void> {
    // A run that was overtaken may find the asset finished by another: its growing lists are over.
    await holdRun(db, task)
    const { playable, outputs } = await publishVideo({ run, db, plan, complete: false })
    if (playable) next = performance.now() + restMs
    if (!playable || said) return
    await db.transaction().execute(async (trx) => {
      await lockAsset(trx, asset.id)
      await holdRun(trx, task)
      if (!(await isBeingMade(trx, generation))) return
      await writeOutputs(trx, generation, outputs)
      await markPlayable(trx, generation)
    })
    said = true
  }
}
