import { createReadStream } from 'node:fs'
import { mkdir, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'
import type { Milestone } from '../core/db/assets.ts'
import { postgresClock } from '../core/db/postgres-clock.ts'
import { type Claimed, claimTask, finishTask, LeaseLost, wasFinished } from '../core/db/task-run.ts'
import type { Reminder } from '../core/db/tasks.ts'
import { SluiceError } from '../core/errors.ts'
import { faultPoint } from '../core/fault-point.ts'
import type { Logger } from '../core/logger.ts'
import { cacheControlFor, contentTypeFor } from '../core/storage/content-types.ts'
import { generationPrefix } from '../core/storage/keys.ts'
import { backfillRank, kindOf, type TaskKind } from '../core/task-kinds.ts'
import { heardTools } from './heard-tools.ts'
import type { Handler, House, Outcome, TaskRun } from './house.ts'
import { holdLease, type Lease } from './lease.ts'
import { persist } from './persist.ts'
import { type RunEnd, settleRun } from './settle-run.ts'
import type { PutFile } from './task.ts'
import { taskSpan } from './task-span.ts'

type Options = {
  house: House
  taskId: string
  handlers: Record<TaskKind, Handler>
  /** Aborts when the worker is told to stop: recipes end by it. */
  closing: AbortSignal
  /** Aborts a while later: recipes that did not end are not waited for any more. */
  leaving?: AbortSignal | undefined
  /** Takes a task other than the named one, where a queue's reminders do not say which. */
  claim?: (() => Promise<Claimed | undefined>) | undefined
}

/** Owns the mess around a recipe: claim, scratch folder, heartbeat, abort, fate, finish. */
export async function runTask({ house, taskId, handlers, closing, leaving, claim }: Options): Promise<RunEnd> {
  // Picked up in the moment of closing: another worker takes it.
  if (closing.aborted) return { end: 'again', restMs: 0 }
  const claimedAt = performance.now()
  const named = () => claimTask(house.db, { taskId, worker: house.name, leaseMs: house.timings.leaseMs })
  const claimed = await (claim ?? named)()
  if (claimed === undefined) return { end: 'superseded' }
  faultPoint('task-claimed')
  const { task } = claimed
  const ended = house.meters.tasks.begun(task, waitedMs(claimed))
  const clock = postgresClock(task)
  const span = taskSpan(house, claimed, waitedMs(claimed))
  const log = house.log.child(namesOf(claimed))
  const lease = holdLease({ db: house.pulse, fence: task, timings: house.timings, log, claimedAt })
  const milestones: Milestone[] = []
  let end: RunEnd['end'] | 'unsettled' = 'unsettled'
  let code: string | undefined
  const scratch = path.join(house.scratchDir, `task-${task.id}-${task.attempt}`)
  try {
    await mkdir(scratch, { recursive: true })
    const performing = span.within(() =>
      perform({ house, claimed, handlers, lease, closing, scratch, log, milestones }),
    )
    const outcome = await unlessLeft(performing, leaving)
    faultPoint('task-made')
    const reminders = await finish({ house, claimed, outcome, closing, log, milestones })
    faultPoint('task-committed')
    house.push.push(reminders)
    house.meters.assets.reached(milestones)
    end = 'done'
    log.info({ ms: Math.round(performance.now() - claimedAt) }, 'task done')
    faultPoint('task-sent')
    return { end: 'done' }
  } catch (thrown) {
    const run = await settleRun({ house, claimed, thrown, lease, closing, scratch, clock, log })
    end = run.end
    if (run.end === 'failed') code = run.code
    return run
  } finally {
    ended(end)
    span.end({ failed: code ?? (end === 'again' ? 'again' : undefined), attributes: { 'sluice.task.end': end } })
    lease.stop()
    await clear(scratch).catch((err) => log.warn({ err }, 'a scratch folder stays'))
  }
}

/** Most are empty, and gone with one call. */
const clear = (folder: string) => rmdir(folder).catch(() => rm(folder, { recursive: true, force: true }))

/** Waits for a recipe until nothing is waited for any more. It goes on for as long as the process lives then, and can write nothing. */
async function unlessLeft(performing: Promise<Outcome>, leaving: AbortSignal | undefined): Promise<Outcome> {
  if (leaving === undefined) return performing
  const left = Promise.withResolvers<never>()
  const leave = () => left.reject(leaving.reason)
  leaving.addEventListener('abort', leave)
  if (leaving.aborted) leave()
  try {
    return await Promise.race([performing, left.promise])
  } finally {
    leaving.removeEventListener('abort', leave)
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
  milestones: Milestone[]
}

async function perform({
  house,
  claimed,
  handlers,
  lease,
  closing,
  scratch,
  log,
  milestones,
}: Performing): Promise<Outcome> {
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
  const tools = atItsPriority(heardTools(house.tools, house, kind), task)
  const reached: TaskRun['reached'] = (more) => void milestones.push(...more)
  const bench = { scratch, signal, storage: house.storage, log, progress: lease.progress, guard: lease.guard }
  const outcome = await handlers[kind]({ task, asset, bench, put, house: { ...house, tools }, reached })
  signal.throwIfAborted()
  return outcome
}

/** What nobody waits for gets of the processors what all others leave. */
const atItsPriority = (tools: House['tools'], task: Claimed['task']): House['tools'] =>
  task.queue_priority < backfillRank ? tools : { ...tools, nice: 19 }

/** What stands on every line of a run: the request that the asset came of, too. */
const namesOf = ({ task, asset }: Claimed) => ({
  ...(asset.request_id === null ? {} : { requestId: asset.request_id }),
  assetId: asset.id,
  taskId: task.id,
  task: task.key,
  attempt: task.attempt,
})

/** How long it had been due, by Postgres's clock. */
const waitedMs = ({ task }: Claimed) =>
  (task.started_at?.getTime() ?? 0) - Math.max(task.run_after.getTime(), task.created_at.getTime())

type Finishing = {
  house: House
  claimed: Claimed
  outcome: Outcome
  closing: AbortSignal
  log: Logger
  milestones: Milestone[]
}

/** A commit whose answer was lost is looked up rather than taken for a lease that was. */
function finish({ house, claimed, outcome, closing, log, milestones }: Finishing): Promise<Reminder[]> {
  const write = async (tries: number) => {
    // What a transaction told that came to nothing did not happen.
    milestones.length = 0
    try {
      return await ('end' in outcome ? outcome.end() : finishTask(house.db, claimed.task, outcome))
    } catch (err) {
      if (err instanceof LeaseLost && tries > 1 && (await wasFinished(house.db, claimed.task))) return []
      throw err
    }
  }
  return persist({ write, closing, log })
}
