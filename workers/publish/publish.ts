import { withAssetLock } from '../../core/db/asset-lock.ts'
import { flipToReady, isBeingMade, markPlayable } from '../../core/db/assets.ts'
import { writeOutputs } from '../../core/db/outputs.ts'
import { readPlan } from '../../core/db/plan.ts'
import { insertTasks, type Task, tasksOf } from '../../core/db/tasks.ts'
import { faultPoint } from '../../core/fault-point.ts'
import type { AssetPlan } from '../../core/plan.ts'
import { kindOf } from '../../core/task-kinds.ts'
import type { Handler, TaskRun } from '../house.ts'
import { forgetSource } from '../source-file.ts'
import { checkStored } from './check-stored.ts'
import { dueNow, isLate, isOver, lateTasks } from './late-tasks.ts'
import { publishSound } from './publish-sound.ts'
import { publishVideo } from './publish-video.ts'
import { verifySegments } from './verify-segments.ts'

const pieces = new Set(['encode', 'sound', 'subtitles', 'stills', 'storyboard', 'variants', 'mp4'])
const isPiece = (task: Pick<Task, 'key'>) => pieces.has(kindOf(task.key) ?? '')

/** Looks at the whole after a piece: what can be shown is shown, and once every piece is there and right, readers get the generation. */
export const publish: Handler = (run) => withAssetLock(run.house.db, run.asset.id, () => publishLocked(run))

async function publishLocked(run: TaskRun): ReturnType<Handler> {
  const { task, asset, house } = run
  const generation = { id: asset.id, tenant: asset.tenant, generation: task.generation }
  const plan = await readPlan(house.db, generation)
  const tasks = (await tasksOf(house.db, generation)).filter(isPiece)
  const made = tasks.every((piece) => isLate(piece) || piece.status === 'done')
  const toCome = lateTasks({ run, plan, tasks })
  const complete = made && toCome.length === 0 && tasks.every(isOver)
  const shown = await publishLists({ run, plan, complete: made })
  if (complete) {
    await checkStored(run)
    await verifySegments({ run, plan: plan.kind === 'video' ? plan.video : null })
    await forgetSource(run)
  }
  return {
    result: { complete, playable: shown?.playable ?? true },
    write: async (trx) => {
      // Another publish may have flipped since we looked: then its rows stand, and ours are older.
      if (!(await isBeingMade(trx, generation))) return []
      await writeOutputs(trx, generation, shown?.outputs ?? [])
      if (shown?.playable) run.reached(await markPlayable(trx, generation))
      if (complete) {
        faultPoint('before-flip')
        run.reached((await flipToReady(trx, generation)) ?? [])
        faultPoint('flipped')
      }
      return insertTasks(trx, dueNow({ toCome, playable: shown?.playable === true, made }))
    },
  }
}

/** Undefined where nothing is played in segments. */
async function publishLists({ run, plan, complete }: { run: TaskRun; plan: AssetPlan; complete: boolean }) {
  if (plan.kind === 'video' && plan.video) return publishVideo({ run, db: run.house.db, plan: plan.video, complete })
  return plan.kind === 'audio' && plan.sound?.hls ? publishSound({ run, db: run.house.db, complete }) : undefined
}
