import { isOptional } from '../task-kinds.ts'
import { insertTasks, type Task, type Trx } from './tasks.ts'

/** A piece that an asset is whole without was given up: the rest is looked at without it. The relay sends the task. */
export async function publishWithout(trx: Trx, task: Pick<Task, 'id' | 'key' | 'asset_id' | 'generation'>) {
  if (!isOptional(task.key)) return
  const { queue_priority } = await trx
    .selectFrom('tasks')
    .select('queue_priority')
    .where('id', '=', task.id)
    .executeTakeFirstOrThrow()
  await insertTasks(trx, [
    {
      assetId: task.asset_id,
      generation: task.generation,
      key: `publish:${task.key}`,
      params: {},
      queuePriority: queue_priority,
      weight: 0,
    },
  ])
}
