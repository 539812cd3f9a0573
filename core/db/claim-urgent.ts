import { sql } from 'kysely'
import type { Database } from './open.ts'
import { type Claimed, takenBy } from './task-run.ts'
import { ofKnownKind } from './tasks.ts'

type Options = {
  worker: string
  leaseMs: number
  /** How many at once. */
  limit: number
  /** Takes those who have waited longest, where somebody has for this long. */
  longerThanMs?: number
}

/** More come due in the moment of one claim only after a long standstill. */
const wokenAtOnce = 1_000

/** Those whose rest is over are among the waiting again. Comes before a claim, for a claim does not look at who rests. */
async function wakeRested(db: Database): Promise<void> {
  const due = fetches(db, { resting: true })
    .select('id')
    .where('run_after', '<=', sql<Date>`now()`)
    .orderBy('run_after')
    .limit(wokenAtOnce)
    .forUpdate()
    .skipLocked()
  // As an array, for a join with so many would be made by reading the whole table.
  await db.updateTable('tasks').set({ resting: false }).where('id', '=', sql<string>`ANY (ARRAY (${due}))`).execute()
}

const fetches = (db: Database, { resting }: { resting: boolean }) =>
  db.selectFrom('tasks').where('queue', '=', 'fetch').where('status', '=', 'pending').where('resting', '=', resting)

/**
 * Takes the fetches that are due and whose addresses die first. Those that name no end come after those that do, by priority and age.
 * Which reminder brought the worker here does not matter: there is one for each of them.
 */
export async function claimMostUrgent(db: Database, options: Options): Promise<Claimed[]> {
  const { longerThanMs, limit, ...by } = options
  await wakeRested(db)
  const tasks = await db
    .with('next', (qb) => {
      const due = qb
        .selectFrom('tasks')
        .select('id')
        .where('queue', '=', 'fetch')
        .where('status', '=', 'pending')
        .where('resting', '=', false)
        // Older workers put them to rest without the mark.
        .where('run_after', '<=', sql<Date>`now()`)
        .where(ofKnownKind)
      const first =
        longerThanMs === undefined
          ? due.orderBy('needed_by').orderBy('queue_priority').orderBy('created_at')
          : due
              .where('created_at', '<', sql<Date>`now() - ${longerThanMs} * interval '1 millisecond'`)
              .orderBy('created_at')
      return first.limit(limit).forUpdate().skipLocked()
    })
    .updateTable('tasks')
    .from('next')
    .set(takenBy(by))
    .whereRef('tasks.id', '=', 'next.id')
    .returningAll('tasks')
    .execute()
  if (tasks.length === 0) return []
  const ids = tasks.map((task) => task.asset_id)
  const assets = await db.selectFrom('assets').selectAll().where('id', 'in', ids).execute()
  const byId = new Map(assets.map((asset) => [asset.id, asset]))
  return tasks.flatMap((task) => {
    const asset = byId.get(task.asset_id)
    return asset === undefined ? [] : [{ task, asset }]
  })
}

/**
 * How long until a fetch is due; undefined where none waits. One may be due already, and only held by whoever notes that it
 * was sent: a claim passes it by.
 */
export async function nextFetchDue(db: Database): Promise<number | undefined> {
  const ms = sql<number>`(extract(epoch FROM run_after - now()) * 1000)::float8`.as('ms')
  const awake = fetches(db, { resting: false }).orderBy('needed_by').orderBy('queue_priority').orderBy('created_at')
  const first = [awake, fetches(db, { resting: true }).orderBy('run_after')].map((query) =>
    query.where(ofKnownKind).select(ms).limit(1).executeTakeFirst(),
  )
  const due = (await Promise.all(first)).flatMap((row) => (row === undefined ? [] : [row.ms]))
  return due.length === 0 ? undefined : Math.max(0, Math.ceil(Math.min(...due)))
}
