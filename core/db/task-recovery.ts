import { sql } from 'kysely'
import { crashLimit, kindOf, type QueueName, queueNames, taskKinds } from '../task-kinds.ts'
import { failAsset } from './assets.ts'
import type { Database } from './open.ts'
import { swapFacts } from './other-facts.ts'
import { publishWithout } from './publish-without.ts'
import { ofKnownKind, type Reminder, reminderColumns, type Trx, toReminder } from './tasks.ts'

/**
 * Tasks that nobody sent to the queue: whoever committed them died, or the queue was away. So many of each queue, so that
 * addresses do not wait until all videos are sent. Locked until the transaction ends.
 */
export async function takeUnsent(trx: Trx, limit: number): Promise<Reminder[]> {
  const lanes = sql<{ name: string }>`unnest(${queueNames}::text[])`.as<'lane'>(sql`lane (name)`)
  const rows = await trx
    .selectFrom(lanes)
    .crossJoinLateral((from) =>
      from
        .selectFrom('tasks')
        .select(reminderColumns)
        .whereRef('queue', '=', 'lane.name')
        .where('status', '=', 'pending')
        .where('enqueued_at', 'is', null)
        // One that we have no queue for would keep all others from being sent.
        .where(ofKnownKind)
        .orderBy('queue_priority')
        .orderBy('created_at')
        .limit(limit)
        .forUpdate()
        .skipLocked()
        .as('unsent'),
    )
    .selectAll('unsent')
    .execute()
  return rows.map(toReminder)
}

/** Finds runs whose worker stopped renewing: back among the pending, or `poisoned` when one task has taken too many workers down. */
export async function sweepExpired(db: Database, limit = 100): Promise<{ recovered: string[]; poisoned: string[] }> {
  const expired = await db
    .selectFrom('tasks')
    .select(['id', 'asset_id'])
    .where('status', '=', 'running')
    .where('lease_until', '<', sql<Date>`now()`)
    .orderBy('lease_until')
    .limit(limit)
    .execute()
  const swept = { recovered: [] as string[], poisoned: [] as string[] }
  for (const task of expired) {
    const end = await db.transaction().execute((trx) => sweepOne(trx, task))
    if (end !== undefined) swept[end].push(task.id)
  }
  return swept
}

async function sweepOne(
  trx: Trx,
  task: { id: string; asset_id: string },
): Promise<'recovered' | 'poisoned' | undefined> {
  await trx.selectFrom('assets').select('id').where('id', '=', task.asset_id).forNoKeyUpdate().execute()
  const row = await trx
    .updateTable('tasks')
    .set({
      status: 'pending',
      lease_until: null,
      crashes: sql`crashes + 1`,
      enqueued_at: null,
      pushes: sql`pushes + 1`,
      run_after: sql`now()`,
    })
    .where('id', '=', task.id)
    .where('status', '=', 'running')
    .where('lease_until', '<', sql<Date>`now()`)
    .returning(['id', 'key', 'crashes', 'generation'])
    .executeTakeFirst()
  if (row === undefined) return undefined
  if (row.crashes < crashLimit) return 'recovered'
  const message = `It took down ${row.crashes} workers and was set aside.`
  await trx
    .updateTable('tasks')
    .set({
      status: 'failed',
      finished_at: sql`now()`,
      error: JSON.stringify({ code: 'poisoned', message, at: new Date().toISOString() }),
    })
    .where('id', '=', row.id)
    .execute()
  const kind = kindOf(row.key)
  if (kind === undefined || taskKinds[kind].failsAsset)
    await failAsset(
      trx,
      { id: task.asset_id, generation: row.generation },
      { code: 'poisoned', message, retryable: false, taskId: row.id },
    )
  else await publishWithout(trx, { ...row, asset_id: task.asset_id })
  return 'poisoned'
}

/** Tasks that were set aside because they kill their workers, and that nobody has dealt with since. */
export async function countPoisoned(db: Database): Promise<number> {
  const { count } = await db
    .selectFrom('tasks')
    .innerJoin('assets', 'assets.id', 'tasks.asset_id')
    .select((of) => of.fn.countAll<number>().as('count'))
    .where('tasks.status', '=', 'failed')
    // As its index has it.
    .where('tasks.crashes', '>=', sql.lit(crashLimit))
    .whereRef('tasks.generation', '=', 'assets.target_generation')
    .where('assets.deleted_at', 'is', null)
    .executeTakeFirstOrThrow()
  return count
}

/** Due tasks that the queue should have delivered by now, those asked after longest ago first. */
export async function overdueTasks(
  db: Database,
  options: { queue: QueueName; quietMs: number; limit: number },
): Promise<Reminder[]> {
  const since = sql<Date>`greatest(enqueued_at, run_after)`
  const quiet = sql<Date>`now() - ${options.quietMs} * interval '1 millisecond'`
  const rows = await db
    .selectFrom('tasks')
    .select(reminderColumns)
    .where('queue', '=', options.queue)
    .where('status', '=', 'pending')
    .where('enqueued_at', 'is not', null)
    .where(since, '<', quiet)
    .where(ofKnownKind)
    .orderBy(since)
    .limit(options.limit)
    .execute()
  return rows.map(toReminder)
}

/** The queue has lost their jobs: they are sent anew, each under a job id that the queue has never seen. */
export async function markLost(db: Database, lost: Reminder[]): Promise<void> {
  if (lost.length === 0) return
  await db
    .updateTable('tasks')
    .set({ enqueued_at: null, pushes: sql`pushes + 1` })
    .where((where) => where.or(lost.map((task) => where.and({ id: task.taskId, pushes: task.pushes }))))
    .where('status', '=', 'pending')
    .execute()
}

/** An operator pressed retry on a task that had failed: it, and what was stopped with it, gets a fresh set of chances. */
export async function reviveTask(
  db: Database,
  taskId: string,
  /** Where no job of its own runs it again. */
  { resend = false }: { resend?: boolean } = {},
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const task = await trx
      .selectFrom('tasks')
      .select(['id', 'asset_id', 'generation', 'status'])
      .where('id', '=', taskId)
      .executeTakeFirst()
    if (task?.status !== 'failed') return false
    const asset = await trx
      .updateTable('assets')
      .set({
        // Only what is planned is processed: a plan finds its asset queued.
        status: sql`CASE WHEN EXISTS (SELECT FROM tasks WHERE asset_id = assets.id AND generation = target_generation
          AND key = 'inspect' AND status = 'done') THEN 'processing' ELSE 'queued' END`,
        // Of what is made, for its tasks go by that.
        ...swapFacts(),
        error: null,
        updated_at: sql`now()`,
      })
      .where('id', '=', task.asset_id)
      .where('target_generation', '=', task.generation)
      .where(sql<boolean>`(status = 'failed' OR status = 'ready' AND generation < target_generation)`)
      .where('deleted_at', 'is', null)
      // What it had made has been removed since: it can only be made anew, as another generation.
      .where(sql<boolean>`(tidied_at IS NULL OR tidied_at < updated_at)`)
      .returning('id')
      .executeTakeFirst()
    if (asset === undefined) return false
    const fresh = {
      status: 'pending' as const,
      failures: 0,
      crashes: 0,
      // With it goes since when it fails: patience begins anew.
      error: null,
      finished_at: null,
      run_after: sql<Date>`now()`,
    }
    const anew = { enqueued_at: null, pushes: sql<number>`pushes + 1` }
    const row = await trx
      .updateTable('tasks')
      .set({ ...fresh, ...(resend && anew) })
      .where('id', '=', taskId)
      .where('status', '=', 'failed')
      .returning('id')
      .executeTakeFirst()
    await trx
      .updateTable('tasks')
      .set({ ...fresh, ...anew })
      .where('asset_id', '=', task.asset_id)
      .where('generation', '=', task.generation)
      .where('status', '=', 'cancelled')
      .execute()
    return row !== undefined
  })
}
