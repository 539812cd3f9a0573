import { DelayedError, type Job, UnrecoverableError } from 'bullmq'
import { reviveTask } from '../core/db/task-recovery.ts'
import type { TaskKind } from '../core/task-kinds.ts'
import { taskPayload } from '../queues/payloads.ts'
import type { Handler, House } from './house.ts'
import { runTask } from './run-task.ts'

type Options = {
  house: House
  job: Job
  token: string | undefined
  handlers: Record<TaskKind, Handler>
  closing: AbortSignal
}

/** From a job to a task and back: the one place where a run's end becomes what BullMQ is told. */
export async function processJob({ house, job, token, handlers, closing }: Options): Promise<string> {
  const payload = taskPayload.safeParse(job.data)
  if (!payload.success) throw new UnrecoverableError('This job names no task of ours.')
  const { taskId } = payload.data
  // A job that finished once and runs again was sent back by hand, from the board: its task gets new chances.
  if (job.attemptsMade > 0 && (await reviveTask(house.db, taskId)))
    house.log.info({ taskId }, 'a failed task was revived by hand')
  const run = await runTask({ house, taskId, handlers, closing })
  if (run.end === 'failed') throw new UnrecoverableError(`${run.code}: ${run.message}`)
  if (run.end !== 'again') return run.end
  await job.moveToDelayed(Date.now() + run.restMs, token)
  throw new DelayedError()
}
