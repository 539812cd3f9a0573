import { type Selectable, sql } from 'kysely'
import { newId } from '../ids.ts'
import type { BatchesTable, BatchItemsTable } from './batch-schema.ts'
import type { Database } from './open.ts'
import { type Selection, selected } from './select-assets.ts'
import type { Trx } from './tasks.ts'

export type Batch = Selectable<BatchesTable>
export type BatchItem = Selectable<BatchItemsTable>
export type Counts = Record<BatchItem['status'], number>

type NewBatch = { selection: Selection; limit?: number | undefined; mixed: boolean; wishes: object }

/** Writes down what is to be made anew, each asset once, before anything is begun. `mixed`: by chance, so that the first few tell of all; else the newest first. */
export async function createBatch(db: Database, { selection, limit, mixed, wishes }: NewBatch): Promise<Batch> {
  return db.transaction().execute(async (trx) => {
    const id = newId()
    const batch = await trx
      .insertInto('batches')
      // When the last one was begun: never.
      .values({ id, wishes: JSON.stringify(wishes), updated_at: new Date(0) })
      .returningAll()
      .executeTakeFirstOrThrow()
    const newest = selected(trx, selection).select('id').orderBy('id', 'desc')
    const order = mixed ? sql`md5(id::text || ${id})` : sql`id DESC`
    await trx
      .with('chosen', () => (limit === undefined ? newest : newest.limit(limit)))
      .insertInto('batch_items')
      .columns(['batch_id', 'asset_id', 'number'])
      .expression((from) =>
        from
          .selectFrom('chosen')
          .select([
            sql<string>`${id}::uuid`.as('batch_id'),
            'id as asset_id',
            sql<number>`row_number() OVER (ORDER BY ${order})`.as('number'),
          ]),
      )
      .execute()
    return batch
  })
}

export async function findBatch(db: Database, id: string): Promise<Batch | undefined> {
  return db.selectFrom('batches').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Those that are not at their end, the newest first. */
export async function openBatches(db: Database): Promise<Batch[]> {
  return db.selectFrom('batches').selectAll().where('status', '<>', 'done').orderBy('id', 'desc').limit(20).execute()
}

export async function countItems(db: Database, batchId: string, upTo?: number): Promise<Counts> {
  let query = db
    .selectFrom('batch_items')
    .select(['status', sql<number>`count(*)::int`.as('items')])
    .where('batch_id', '=', batchId)
  if (upTo !== undefined) query = query.where('number', '<=', upTo)
  const rows = await query.groupBy('status').execute()
  const none: Counts = { waiting: 0, started: 0, done: 0, failed: 0, skipped: 0 }
  return Object.assign(none, Object.fromEntries(rows.map(({ status, items }) => [status, items])))
}

/** Why what failed did, the most frequent first. */
export async function failuresOf(db: Database, batchId: string): Promise<{ code: string; items: number }[]> {
  return db
    .selectFrom('batch_items')
    .select([sql<string>`coalesce(code, 'unknown')`.as('code'), sql<number>`count(*)::int`.as('items')])
    .where('batch_id', '=', batchId)
    .where('status', '=', 'failed')
    .groupBy('code')
    .orderBy('items', 'desc')
    .execute()
}

/** What has become of those that were begun: read off their assets, so that it does not matter who looks, and when. */
export async function settleItems(db: Database, batchId: string): Promise<void> {
  await sql`
    UPDATE batch_items AS item SET ended_at = now(),
      status = CASE WHEN asset.deleted_at IS NOT NULL THEN 'skipped'
        WHEN asset.generation >= item.generation AND asset.status = 'ready' THEN 'done' ELSE 'failed' END,
      code = CASE WHEN asset.deleted_at IS NOT NULL THEN 'deleted'
        WHEN asset.generation >= item.generation AND asset.status = 'ready' THEN NULL
        ELSE coalesce(asset.error->>'code', 'cancelled') END
    FROM assets AS asset
    WHERE item.batch_id = ${batchId} AND item.status = 'started' AND asset.id = item.asset_id
      AND (asset.deleted_at IS NOT NULL OR asset.status IN ('ready', 'failed', 'cancelled'))`.execute(db)
}

/** Whether it is over. Not where somebody has just asked for what failed once more. */
export async function finishBatch(db: Database, id: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    if ((await hold(trx, id))?.status !== 'open') return false
    const left = trx
      .selectFrom('batch_items')
      .select('asset_id')
      .where('batch_id', '=', id)
      .where('status', 'in', ['waiting', 'started'])
    const row = await trx
      .updateTable('batches')
      .set({ status: 'done', reason: null, ended_at: sql<Date>`now()` })
      .where('id', '=', id)
      .where(({ not, exists }) => not(exists(left)))
      .returning('id')
      .executeTakeFirst()
    return row !== undefined
  })
}

/** No more of it is begun, whoever runs it. */
export async function stopBatch(db: Database, id: string, { reason }: { reason: string }): Promise<void> {
  await db
    .updateTable('batches')
    .set({ status: 'stopped', reason })
    .where('id', '=', id)
    .where('status', '=', 'open')
    .execute()
}

export type Reopened = { batch: Batch; retried: number }

/** It is gone on with, with those that failed too if `retry`. Its canary counts no more where it had come to an end: somebody has looked. */
export async function reopenBatch(
  db: Database,
  id: string,
  { retry }: { retry: boolean },
): Promise<Reopened | undefined> {
  return db.transaction().execute(async (trx) => {
    const before = await hold(trx, id)
    if (before === undefined) return undefined
    const retried = retry ? await retryFailed(trx, id) : 0
    const wishes = before.status === 'open' ? before.wishes : { ...before.wishes, canary: 0 }
    const batch = await trx
      .updateTable('batches')
      .set({ status: 'open', reason: null, ended_at: null, wishes: JSON.stringify(wishes) })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
    return { batch, retried }
  })
}

/** From here on nobody else begins anything of it, or ends it. */
const hold = (trx: Trx, id: string) =>
  trx.selectFrom('batches').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()

/** Each as another generation. */
async function retryFailed(trx: Trx, batchId: string): Promise<number> {
  const rows = await trx
    .updateTable('batch_items')
    .set({ status: 'waiting', generation: null, code: null, started_at: null, ended_at: null })
    .where('batch_id', '=', batchId)
    .where('status', '=', 'failed')
    .returning('asset_id')
    .execute()
  return rows.length
}
