import { insertTasks, type Reminder, type Trx } from '../../core/db/tasks.ts'
import type { TaskRun } from '../house.ts'

/** Every finished piece brings a look at the whole: its rows, then a `publish` of its own, in the piece's transaction. */
export function publishAfter({ task }: Pick<TaskRun, 'task'>, write?: (trx: Trx) => Promise<void>) {
  return async (trx: Trx): Promise<Reminder[]> => {
    await write?.(trx)
    return insertTasks(trx, [
      {
        assetId: task.asset_id,
        generation: task.generation,
        key: `publish:${task.key}`,
        params: {},
        queuePriority: task.queue_priority,
        weight: 0,
      },
    ])
  }
}
