import { isDatabaseAway } from '../core/db/away.ts'
import { LeaseLost } from '../core/db/task-run.ts'
import type { Task } from '../core/db/tasks.ts'
import { triesOf } from '../core/error-codes.ts'
import { asSluiceError } from '../core/errors.ts'
import { type TaskKind, taskKinds } from '../core/task-kinds.ts'

type Failing = { thrown: unknown; kind: TaskKind; task: Pick<Task, 'failures'> }

/** Whether this failure would be the task's last, for those that do without what failed rather than end with it. */
export function isLastFailure({ thrown, kind, task }: Failing): boolean {
  if (thrown instanceof LeaseLost || isDatabaseAway(thrown)) return false
  const { fate, code } = asSluiceError(thrown)
  const limit = Math.min(taskKinds[kind].limit, triesOf(code))
  return fate === 'give_up' || (fate === 'retry' && task.failures + 1 >= limit)
}
