import type { NewTask, Task } from '../../core/db/tasks.ts'
import { isSmall } from '../../core/media/amount.ts'
import type { AssetPlan } from '../../core/plan.ts'
import { isOptional, kindOf, priorityOf, queuePriority } from '../../core/task-kinds.ts'
import type { TaskRun } from '../house.ts'

/** Pieces that are begun by a look at the whole: what nobody waits for is in nobody's way on any machine. */
const late = ['storyboard', 'mp4'] as const

export const isLate = ({ key }: Pick<Task, 'key'>): boolean => late.some((kind) => kind === kindOf(key))

/** Done, or given up and not missed. */
export const isOver = ({ key, status }: Pick<Task, 'key' | 'status'>): boolean =>
  status === 'done' || (status === 'failed' && isOptional(key))

type Look = { run: Pick<TaskRun, 'task' | 'asset'>; plan: AssetPlan; tasks: readonly Pick<Task, 'key'>[] }

/** Those that the plan wants and that have not been begun. */
export function lateTasks({ run: { task, asset }, plan, tasks }: Look): NewTask[] {
  if (plan.kind !== 'video') return []
  const missing = late.filter((kind) => plan[kind] && !tasks.some(({ key }) => kindOf(key) === kind))
  return missing.map((key) => ({
    assetId: asset.id,
    generation: task.generation,
    key,
    params: {},
    queuePriority: queuePriority({ priority: priorityOf(task, asset), piece: isSmall(plan.info) ? 0 : 1 }),
  }))
}

/** The storyboard once the video plays, and what is made of its finished segments once they are all there. */
export function dueNow({ toCome, playable, made }: { toCome: NewTask[]; playable: boolean; made: boolean }): NewTask[] {
  return toCome.filter(({ key }) => made || (playable && key === 'storyboard'))
}
