import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { databaseAway, isDatabaseAway } from '../core/db/away.ts'
import {
  type Claimed,
  claimTask,
  disownCrash,
  finishTask,
  handBack,
  LeaseLost,
  sameSince,
  settleFailure,
  wasFinished,
} from '../core/db/task-run.ts'
import type { Reminder } from '../core/db/tasks.ts'
import { asSluiceError, SluiceError } from '../core/errors.ts'
import { faultPoint } from '../core/fault-point.ts'
import type { Logger } from '../core/logger.ts'
import { cacheControlFor, contentTypeFor } from '../core/storage/content-types.ts'
import { generationPrefix } from '../core/storage/keys.ts'
import { decideFailure } from '../core/task-failure.ts'
import { kindOf, type TaskKind } from '../core/task-kinds.ts'
import type { Handler, House, Outcome } from './house.ts'
import { holdLease, type Lease } from './lease.ts'
import { persist } from './persist.ts'
import type { PutFile } from './task.ts'

/** How a run ended, for the queue to hear: `again` at a time, `failed` for good, and two ways of not having been ours to end. */
export type RunEnd =
  | { end: 'done' | 'superseded' | 'handed back' }
  | { end: 'again'; restMs: number }
  | { end: 'failed'; code: string; message: string; taskId: string }

type Options = {
  house: House
  taskId: string
  handlers: Record<TaskKind, Handler>
  closing: AbortSignal
  /** Takes a task other than the named one, where a queue's reminders do not say which. */
  claim?: (() => Promise<Claimed | undefined>) | undefined
}

/** Owns the mess around a recipe: claim, scratch folder, heartbeat, abort, fate, finish. */
export async function runTask({ house, taskId, handlers, closing, claim }: Options): Promise<RunEnd> {
  // Picked up in the moment of closing: another worker takes it.
  if (closing.aborted) return { end: 'again', restMs: 0 }
  const claimedAt = performance.now()
  const named = () => claimTask(house.db, { taskId, worker: house.name, leaseMs: house.timings.leaseMs })
  const claimed = await (claim ?? named)()
  if (claimed === undefined) return { end: 'superseded' }
  faultPoint('task-claimed')
  const { task, asset } = claimed
  const log = house.log.child({ assetId: asset.id, taskId: task.id, task: task.key, attempt: task.attempt })
  const lease = holdLease({ db: house.pulse, fence: task, timings: house.timings, log, claimedAt })
  const scratch = path.join(house.scratchDir, `task-${task.id}-${task.attempt}`)
  try {
    await mkdir(scratch, { recursive: true })
    const outcome = await perform({ house, claimed, handlers, lease, closing, scratch, log })
    faultPoint('task-made')
    const reminders = await finish({ house, claimed, outcome, closing, log })
    faultPoint('task-committed')
    house.push.push(reminders)
    log.info({ ms: Math.round(performance.now() - claimedAt) }, 'task done')
    faultPoint('task-sent')
    return { end: 'done' }
  } catch (thrown) {
    return await settle({ house, claimed, thrown, lease, closing, log })
  } finally {
    lease.stop()
    await rm(scratch, { recursive: true, force: true })
  }
}

type Performing = {
  house: House
  claimed: Claimed
  handlers: Record<TaskKind, Handler>
  lease: Lease
  closing: AbortSignal
  scratch: string
  log: Logger
}

async function perform({ house, claimed, handlers, lease, closing, scratch, log }: Performing): Promise<Outcome> {
  const { task, asset } = claimed
  const kind = kindOf(task.key)
  if (kind === undefined) throw new SluiceError('internal', { message: `no handler for ${task.key}`, fate: 'give_up' })
  const signal = AbortSignal.any([lease.signal, closing])
  const prefix = generationPrefix(asset, task.generation)
  const put: PutFile = async (relativeKey, localPath) => {
    lease.guard()
    const key = prefix + relativeKey
    const options = { contentType: contentTypeFor(relativeKey), cacheControl: cacheControlFor(key), signal }
    return house.storage.put(key, createReadStream(localPath), options)
  }
  const bench = { scratch, signal, storage: house.storage, log, progress: lease.progress, guard: lease.guard }
  const outcome = await handlers[kind]({ task, asset, bench, put, house })
  signal.throwIfAborted()
  return outcome
}

type Finishing = { house: House; claimed: Claimed; outcome: Outcome; closing: AbortSignal; log: Logger }

/** A commit whose answer was lost is looked up rather than taken for a lease that was. */
function finish({ house, claimed, outcome, closing, log }: Finishing): Promise<Reminder[]> {
  const write = async (tries: number) => {
    try {
      return await finishTask(house.db, claimed.task, outcome)
    } catch (err) {
      if (err instanceof LeaseLost && tries > 1 && (await wasFinished(house.db, claimed.task))) return []
      throw err
    }
  }
  return persist({ write, closing, log })
}

type Settling = { house: House; claimed: Claimed; thrown: unknown; lease: Lease; closing: AbortSignal; log: Logger }

async function settle({ house, claimed, thrown, lease, closing, log }: Settling): Promise<RunEnd> {
  const { task } = claimed
  if (thrown instanceof LeaseLost || lease.signal.aborted) {
    log.warn({ err: thrown }, 'the task is no longer ours')
    await disown({ house, claimed, log })
    return { end: 'superseded' }
  }
  try {
    if (closing.aborted) {
      await persist({ write: () => handBack(house.db, task), closing, log })
      return { end: 'handed back' }
    }
    const error = isDatabaseAway(thrown) ? databaseAway(thrown) : asSluiceError(thrown)
    const waitedMs = Date.now() - task.created_at.getTime()
    const sameForMs = sameForMsOf(task, error)
    const outcome = decideFailure({
      error,
      kind: kindOf(task.key) ?? 'purge',
      failures: task.failures,
      waitedMs,
      sameForMs,
    })
    log[outcome.fate === 'failed' ? 'error' : 'warn'](
      { err: error, code: error.code, fate: outcome.fate },
      'task failed',
    )
    await persist({ write: () => settleFailure(house.db, task, outcome), closing, log })
    if (outcome.fate === 'again') return { end: 'again', restMs: outcome.restMs }
    return { end: 'failed', code: outcome.code, message: outcome.message, taskId: task.id }
  } catch (err) {
    if (err instanceof LeaseLost) return { end: 'superseded' }
    throw err
  }
}

function sameForMsOf(task: Claimed['task'], { code }: SluiceError): number {
  const since = sameSince(task, code)
  return since === undefined ? 0 : Date.now() - Date.parse(since)
}

/** We live, so the sweep was wrong to count a crash; where the database cannot be told, it keeps its count. */
async function disown({ house, claimed, log }: Pick<Settling, 'house' | 'claimed' | 'log'>): Promise<void> {
  try {
    await disownCrash(house.pulse, claimed.task)
  } catch (err) {
    log.warn({ err }, 'the crash counted against this task could not be taken back')
  }
}
