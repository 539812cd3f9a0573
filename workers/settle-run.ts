import { access } from 'node:fs/promises'
import { databaseAway, isDatabaseAway } from '../core/db/away.ts'
import { type Claimed, disownCrash, handBack, LeaseLost, sameSince, settleFailure } from '../core/db/task-run.ts'
import { asSluiceError, SluiceError } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import { decideFailure } from '../core/task-failure.ts'
import { kindOf } from '../core/task-kinds.ts'
import type { House } from './house.ts'
import type { Lease } from './lease.ts'
import { persist } from './persist.ts'

/** How a run ended, for the queue to hear: `again` at a time, `failed` for good, and two ways of not having been ours to end. */
export type RunEnd =
  | { end: 'done' | 'superseded' | 'handed back' }
  | { end: 'again'; restMs: number }
  | { end: 'failed'; code: string; message: string; taskId: string }

type Settling = {
  house: House
  claimed: Claimed
  thrown: unknown
  lease: Lease
  closing: AbortSignal
  scratch: string
  /** Postgres's time. */
  clock: () => number
  log: Logger
}

/** Writes down what becomes of a task whose run came to nothing. */
export async function settleRun(settling: Settling): Promise<RunEnd> {
  const { house, claimed, thrown, lease, closing, log } = settling
  if (thrown instanceof LeaseLost || lease.signal.aborted) {
    log.warn({ err: thrown }, 'the task is no longer ours')
    house.meters.tasks.leaseLost(claimed.task)
    await disown(settling)
    return { end: 'superseded' }
  }
  try {
    if (closing.aborted) {
      await persist({ write: () => handBack(house.db, claimed.task), closing, log })
      return { end: 'handed back' }
    }
    return await fail(settling)
  } catch (err) {
    if (!(err instanceof LeaseLost)) throw err
    house.meters.tasks.leaseLost(claimed.task)
    return { end: 'superseded' }
  }
}

async function fail({ house, claimed, thrown, closing, scratch, clock, log }: Settling): Promise<RunEnd> {
  const { task } = claimed
  const error = await whoseFault(thrown, scratch)
  const now = clock()
  const since = sameSince(task, error.code)
  const outcome = decideFailure({
    error,
    kind: kindOf(task.key) ?? 'purge',
    failures: task.failures,
    waitedMs: now - task.created_at.getTime(),
    sameForMs: since === undefined ? 0 : now - Date.parse(since),
    now,
  })
  log[outcome.fate === 'failed' ? 'error' : 'warn']({ err: error, code: error.code, fate: outcome.fate }, 'task failed')
  await persist({ write: () => settleFailure(house.db, task, outcome, new Date(now)), closing, log })
  house.meters.tasks.failed(task, { code: error.code, fate: outcome.fate })
  if (outcome.fate === 'again') return { end: 'again', restMs: outcome.restMs }
  return { end: 'failed', code: outcome.code, message: outcome.message, taskId: task.id }
}

/** What fails because the house pulled the floor away from under it, or had none, is run again, with nothing counted. */
async function whoseFault(thrown: unknown, scratch: string): Promise<SluiceError> {
  if (isDatabaseAway(thrown)) return databaseAway(thrown)
  const error = asSluiceError(thrown)
  if (error.fate === 'later' || (await isThere(scratch))) return error
  const message = `there is no scratch folder: ${error.message}`
  return new SluiceError('unavailable', { message, cause: thrown, retryAfterMs: 1_000 })
}

const isThere = (folder: string) =>
  access(folder).then(
    () => true,
    () => false,
  )

/** We live, so the sweep was wrong to count a crash; where the database cannot be told, it keeps its count. */
async function disown({ house, claimed, log }: Pick<Settling, 'house' | 'claimed' | 'log'>): Promise<void> {
  try {
    await disownCrash(house.pulse, claimed.task)
  } catch (err) {
    log.warn({ err }, 'the crash counted against this task could not be taken back')
  }
}
