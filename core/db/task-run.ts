import { type Selectable, sql, type UpdateObject } from 'kysely'
import type { FailedOutcome } from '../task-failure.ts'
import { kindOf } from '../task-kinds.ts'
import { failAsset } from './assets.ts'
import type { Database } from './open.ts'
import { publishWithout } from './publish-without.ts'
import type { AssetsTable, Json, Tables } from './schema.ts'
import { ofKnownKind, type Reminder, type Task, type Trx } from './tasks.ts'

/** This run no longer owns its task: it was taken over, cancelled or deleted. Stop, write nothing, clean up. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

export const lostBy = ({ id, attempt }: Pick<Fence, 'id' | 'attempt'>) =>
  new LeaseLost(`task ${id} is no longer in attempt ${attempt}`)

export type Claimed = { task: Task; asset: Selectable<AssetsTable> }
export type Fence = Pick<Task, 'id' | 'attempt' | 'asset_id'>

/** Takes a pending task: raises its attempt and starts its lease, in Postgres's time. `undefined`: not ours to run. */
export async function claimTask(
  db: Database,
  options: { taskId: string; worker: string; leaseMs: number; dueWithinMs?: number },
): Promise<Claimed | undefined> {
  const { taskId, dueWithinMs } = options
  let taking = db.updateTable('tasks').set(takenBy(options)).where('id', '=', taskId).where('status', '=', 'pending')
  if (dueWithinMs !== undefined) taking = taking.where('run_after', '<=', inMs(dueWithinMs))
  const task = await taking.where(ofKnownKind).returningAll().executeTakeFirst()
  return task && withAsset(db, task)
}

/** How soon somebody else may have a recipe for what we have none. */
const othersMs = 5_000

/** How long until a task that could not be taken should be asked for again. `undefined`: it does not wait, or waits for no reminder of this kind. */
export async function comesAgainMs(db: Database, taskId: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('tasks')
    .select(['key', sql<number>`(extract(epoch FROM run_after - now()) * 1000)::float8`.as('ms')])
    .where('id', '=', taskId)
    .where('status', '=', 'pending')
    .executeTakeFirst()
  if (row === undefined) return undefined
  const restMs = Math.max(Math.ceil(row.ms), kindOf(row.key) === undefined ? othersMs : 0)
  return restMs > 0 ? restMs : undefined
}

/** What every claim does to a row, whichever it picks. */
export const takenBy = ({ worker, leaseMs }: { worker: string; leaseMs: number }) => ({
  status: 'running' as const,
  attempt: sql<number>`tasks.attempt + 1`,
  worker,
  lease_until: inMs(leaseMs),
  resting: false,
  progress: 0,
  started_at: sql<Date>`now()`,
  finished_at: null,
})

async function withAsset(db: Database, task: Task): Promise<Claimed> {
  const asset = await db.selectFrom('assets').selectAll().where('id', '=', task.asset_id).executeTakeFirstOrThrow()
  return { task, asset }
}

/** Renews the lease and stores progress. False: the run has lost its task and must stop. */
export async function beat(
  db: Database,
  fence: Fence,
  options: { leaseMs: number; progress: number },
): Promise<boolean> {
  const row = await db
    .updateTable('tasks')
    .set({ lease_until: inMs(options.leaseMs), progress: options.progress })
    .where('id', '=', fence.id)
    .where('attempt', '=', fence.attempt)
    .where('status', '=', 'running')
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Finishes a task together with everything it brought about, in one transaction: all of it counts, or none. */
export async function finishTask(
  db: Database,
  fence: Fence,
  outcome: { result: Json; write?: ((trx: Trx) => Promise<Reminder[]>) | undefined },
): Promise<Reminder[]> {
  return db.transaction().execute(async (trx) => {
    await leaveRunning(trx, fence, {
      status: 'done',
      progress: 1,
      result: JSON.stringify(outcome.result),
      error: null,
      finished_at: sql<Date>`now()`,
    })
    return (await outcome.write?.(trx)) ?? []
  })
}

/** Since when every run of a task failed with this code; undefined when the last one did not. */
export const sameSince = ({ error }: Pick<Task, 'error'>, code: string): string | undefined =>
  error?.code === code ? (error.since ?? error.at) : undefined

/** Puts a failed run where its fate says: back among the pending with a rest, or to the failed, its asset with it. */
export async function settleFailure(
  db: Database,
  fence: Fence & Pick<Task, 'key' | 'generation' | 'error'>,
  outcome: FailedOutcome,
  /** In Postgres's time, as all workers reckon from it. */
  now: Date,
): Promise<void> {
  const { code, message } = outcome
  const at = now.toISOString()
  const error = JSON.stringify({ code, message, at, since: sameSince(fence, code) ?? at })
  await db.transaction().execute(async (trx) => {
    if (outcome.fate === 'again') {
      await leaveRunning(trx, fence, {
        status: 'pending',
        error,
        run_after: sql<Date>`now() + ${outcome.restMs} * interval '1 millisecond'`,
        resting: true,
        ...(outcome.counts ? { failures: sql<number>`failures + 1` } : {}),
      })
      return
    }
    await leaveRunning(trx, fence, {
      status: 'failed',
      error,
      failures: sql<number>`failures + 1`,
      finished_at: sql<Date>`now()`,
    })
    if (outcome.failsAsset) {
      await failAsset(trx, { id: fence.asset_id, generation: fence.generation }, { ...outcome, taskId: fence.id })
    } else await publishWithout(trx, fence)
  })
}

/** Hands a task back untouched, for a worker that must go: nothing counted, to be sent anew at once. */
export async function handBack(db: Database, fence: Fence): Promise<void> {
  await db.transaction().execute((trx) =>
    leaveRunning(trx, fence, {
      status: 'pending',
      run_after: sql<Date>`now()`,
      enqueued_at: null,
      pushes: sql<number>`pushes + 1`,
    }),
  )
}

/** The fence: only the run that holds the task, by its attempt, gets past. The asset's row comes first in every transaction that ends a task, so that they do not deadlock with each other. */
async function leaveRunning(trx: Trx, fence: Fence, change: UpdateObject<Tables, 'tasks'>): Promise<void> {
  await lockAsset(trx, fence.asset_id)
  const row = await trx
    .updateTable('tasks')
    .set({ lease_until: null, ...change })
    .where('id', '=', fence.id)
    .where('attempt', '=', fence.attempt)
    .where('status', '=', 'running')
    .returning('id')
    .executeTakeFirst()
  if (row === undefined) throw lostBy(fence)
}

/** Comes first in every transaction that changes both an asset and its task. */
export async function lockAsset(trx: Trx, id: string): Promise<void> {
  await trx.selectFrom('assets').select('id').where('id', '=', id).forNoKeyUpdate().execute()
}

/** Throws unless this run holds its task. In a transaction, nobody takes it over before the end of that. */
export async function holdRun(db: Database | Trx, { id, attempt }: Pick<Fence, 'id' | 'attempt'>): Promise<void> {
  const row = await db
    .selectFrom('tasks')
    .select('id')
    .where('id', '=', id)
    .where('attempt', '=', attempt)
    .where('status', '=', 'running')
    .forShare()
    .executeTakeFirst()
  if (row === undefined) throw lostBy({ id, attempt })
}

const inMs = (ms: number) => sql<Date>`now() + ${ms} * interval '1 millisecond'`

/** After a commit whose answer was lost: did it reach the database all the same? */
export async function wasFinished(db: Database, fence: Fence): Promise<boolean> {
  const row = await db
    .selectFrom('tasks')
    .select('id')
    .where('id', '=', fence.id)
    .where('attempt', '=', fence.attempt)
    .where('status', '=', 'done')
    .executeTakeFirst()
  return row !== undefined
}

/** A run that was taken for dead while it only could not be heard takes back the crash that was counted against its task. */
export async function disownCrash(db: Database, fence: Fence): Promise<void> {
  await db
    .updateTable('tasks')
    .set({ crashes: sql`greatest(0, crashes - 1)` })
    .where('id', '=', fence.id)
    // By the time we hear of it, the next run may have begun.
    .where('attempt', '>=', fence.attempt)
    .where(({ eb, or, and }) =>
      or([eb('status', '=', 'pending'), and([eb('status', '=', 'running'), eb('attempt', '>', fence.attempt)])]),
    )
    .execute()
}
