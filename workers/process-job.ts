import { DelayedError, type Job, UnrecoverableError } from 'bullmq'
import { reviveTask } from '../core/db/task-recovery.ts'
import { claimTask, comesAgainMs } from '../core/db/task-run.ts'
import type { TaskKind } from '../core/task-kinds.ts'
import { taskPayload } from '../queues/payloads.ts'
import { earlyMs, type Lane } from './fetch-lane.ts'
import type { Handler, House } from './house.ts'
import { runTask } from './run-task.ts'

type Options = {
  house: House
  job: Job
  token: string | undefined
  handlers: Record<TaskKind, Handler>
  closing: AbortSignal
  leaving?: AbortSignal | undefined
  lane?: Lane | undefined
}

/** From a job to a task and back: the one place where a run's end becomes what BullMQ is told. */
export async function processJob({ house, job, token, handlers, closing, leaving, lane }: Options): Promise<string> {
  const payload = taskPayload.safeParse(job.data)
  if (!payload.success) {
    house.log.warn({ queue: job.queueName, jobId: job.id }, 'a job that names no task of ours was refused')
    throw new UnrecoverableError('This job names no task of ours.')
  }
  const { taskId } = payload.data
  // A job that finished once and runs again was sent back by hand, from the board: its task gets new chances.
  // One that the queue gives out again because its worker died was not: it must not bring back what was set aside meanwhile.
  if (job.attemptsMade > 0 && job.stalledCounter === 0 && (await reviveTask(house.db, taskId)))
    house.log.info({ taskId }, 'a failed task was revived by hand')
  const { name: worker, timings } = house
  const named = () => claimTask(house.db, { taskId, worker, leaseMs: timings.leaseMs, dueWithinMs: earlyMs })
  const one = () => runTask({ house, taskId, handlers, closing, leaving, claim: lane?.claim ?? named })
  const since = performance.now()
  let run = await one()
  // The reminders of what was served beyond the first find nothing, once there is time for them.
  while (run.end === 'done' && lane?.goesOn(since) === true) run = await one()
  if (run.end === 'failed') {
    // A retry pressed on the board must mean what failed, not what the job was sent for.
    if (run.taskId !== taskId) await job.updateData({ taskId: run.taskId })
    throw new UnrecoverableError(`${run.code}: ${run.message}`)
  }
  const restMs =
    run.end === 'again' ? run.restMs : run.end === 'superseded' ? await comesAgain(house, taskId, lane) : undefined
  if (restMs === undefined) return run.end
  await job.moveToDelayed(Date.now() + restMs, token)
  throw new DelayedError()
}

/** A reminder that came before its time, or to a worker that has no recipe for its task, comes again. */
async function comesAgain({ db }: House, taskId: string, lane: Lane | undefined): Promise<number | undefined> {
  return (await lane?.comeAgainMs()) ?? comesAgainMs(db, taskId)
}
