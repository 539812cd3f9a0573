import { sql } from 'kysely'
import type { NewSource } from '../accept.ts'
import { asSluiceError } from '../errors.ts'
import type { BatchItem } from './batches.ts'
import { beginGeneration } from './new-generation.ts'
import type { Database } from './open.ts'
import type { Reminder, Trx } from './tasks.ts'

export type Next = { item: BatchItem; tenant: string }

/** The one that comes next. Whoever else runs this batch may take it first. */
export async function nextItem(db: Database, batchId: string, upTo?: number): Promise<Next | undefined> {
  let query = db
    .selectFrom('batch_items')
    .innerJoin('assets', 'assets.id', 'batch_items.asset_id')
    .selectAll('batch_items')
    .select('assets.tenant')
    .where('batch_id', '=', batchId)
    .where('batch_items.status', '=', 'waiting')
  if (upTo !== undefined) query = query.where('number', '<=', upTo)
  const row = await query.orderBy('number').limit(1).executeTakeFirst()
  if (row === undefined) return undefined
  const { tenant, ...item } = row
  return { item, tenant }
}

type Begin = {
  batchId: string
  next: Next
  atOnce: number
  perMinute?: number | undefined
  profile?: string | undefined
  object?: Extract<NewSource, { type: 'object' }> | undefined
}

/**
 * Begins one asset and says so in its row, in one transaction: killed at any moment, it was begun or it was not. However
 * many run the batch, no more are under way than were asked for. Undefined: not now.
 */
export async function beginItem(db: Database, begin: Begin): Promise<Reminder[] | undefined> {
  const { batchId, next, profile, object } = begin
  return db.transaction().execute(async (trx) => {
    if (!(await takeTurn(trx, begin)) || !(await hasRoom(trx, begin)) || !(await stillWaits(trx, next)))
      return undefined
    try {
      const wanted = { id: next.item.asset_id, tenant: next.tenant, priority: 'backfill' as const, profile, object }
      const { asset, reminders } = await beginGeneration(trx, wanted)
      await write(trx, next, { status: 'started', generation: asset.target_generation })
      await trx.updateTable('batches').set({ updated_at: sql`clock_timestamp()` }).where('id', '=', batchId).execute()
      return reminders
    } catch (thrown) {
      await write(trx, next, refusalOf(thrown))
      return []
    }
  })
}

/** What cannot be begun at all ends there, and says why. */
export async function refuseItem(db: Database, next: Next, thrown: unknown): Promise<void> {
  const refusal = refusalOf(thrown)
  await db.transaction().execute(async (trx) => {
    if (await stillWaits(trx, next)) await write(trx, next, refusal)
  })
}

/** Nothing is wrong with one that is deleted, or just being worked on. What is the house's fault is nobody's here. */
function refusalOf(thrown: unknown): { status: 'failed' | 'skipped'; code: string } {
  const { code, fate } = asSluiceError(thrown)
  if (code === 'conflict' || code === 'not_found') return { status: 'skipped', code }
  if (fate === 'give_up' || code === 'source_unavailable') return { status: 'failed', code }
  throw thrown
}

/** One at a time, whoever runs it, and no sooner after the one before than its pace allows. */
async function takeTurn(trx: Trx, { batchId, perMinute }: Begin): Promise<boolean> {
  const pauseMs = perMinute === undefined ? 0 : 60_000 / perMinute
  const row = await trx
    .selectFrom('batches')
    .select(sql<boolean>`updated_at <= clock_timestamp() - ${pauseMs} * interval '1 millisecond'`.as('rested'))
    .where('id', '=', batchId)
    .where('status', '=', 'open')
    .forUpdate()
    .executeTakeFirst()
  return row?.rested === true
}

async function hasRoom(trx: Trx, { batchId, atOnce }: Begin): Promise<boolean> {
  const row = await trx
    .selectFrom('batch_items')
    .select(sql<number>`count(*)::int`.as('begun'))
    .where('batch_id', '=', batchId)
    .where('status', '=', 'started')
    .executeTakeFirstOrThrow()
  return row.begun < atOnce
}

async function stillWaits(trx: Trx, { item }: Next): Promise<boolean> {
  const row = await trx
    .selectFrom('batch_items')
    .select('status')
    .where('batch_id', '=', item.batch_id)
    .where('asset_id', '=', item.asset_id)
    .forUpdate()
    .executeTakeFirst()
  return row?.status === 'waiting'
}

type Change = { status: 'started' | 'failed' | 'skipped'; generation?: number; code?: string }

async function write(trx: Trx, { item }: Next, change: Change): Promise<void> {
  const now = sql<Date>`clock_timestamp()`
  await trx
    .updateTable('batch_items')
    .set({ ...change, ...(change.status === 'started' ? { started_at: now } : { ended_at: now }) })
    .where('batch_id', '=', item.batch_id)
    .where('asset_id', '=', item.asset_id)
    .execute()
}
