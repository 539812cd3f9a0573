import { sql } from 'kysely'
import { newId } from '../ids.ts'
import type { ObjectSet } from '../storage/keys.ts'
import { queuePriority } from '../task-kinds.ts'
import type { Database } from './open.ts'
import { insertTasks, type Reminder, type Trx } from './tasks.ts'

/** Nothing writes to such an asset's sets any more, and no task reads its source where it lies. */
const atRest = sql<boolean>`
  assets.deleted_at IS NULL AND assets.status IN ('ready', 'failed', 'cancelled') AND NOT EXISTS (
    SELECT FROM tasks WHERE tasks.asset_id = assets.id AND tasks.status IN ('pending', 'running')
      AND tasks.key NOT LIKE 'bring%' AND tasks.key NOT LIKE 'purge%')`

const unasked = sql<boolean>`(spooled.asked_at IS NULL OR spooled.asked_at < now() - interval '1 minute')`

/** Has a task of its own bring home whatever the spool holds of each asset that has come to rest. Several may ask at once. */
export async function askToBringHome(db: Database, { limit }: { limit: number }): Promise<Reminder[]> {
  return db.transaction().execute(async (trx) => {
    const due = await trx
      .selectFrom('spooled')
      .innerJoin('assets', 'assets.id', 'spooled.id')
      .select(['assets.id', 'assets.target_generation', 'spooled.folder'])
      .where('spooled.home_at', 'is', null)
      .where(unasked)
      .where(atRest)
      .where(
        sql<boolean>`NOT EXISTS (SELECT FROM tasks WHERE tasks.asset_id = assets.id
          AND tasks.status IN ('pending', 'running') AND tasks.key LIKE 'bring%')`,
      )
      .orderBy('spooled.made_at')
      .limit(limit)
      .forUpdate('spooled')
      .skipLocked()
      .execute()
    const assets = new Map(due.map((row) => [row.id, row.target_generation]))
    if (assets.size === 0) return []
    await trx
      .updateTable('spooled')
      .set({ asked_at: sql`now()` })
      .where('id', 'in', [...assets.keys()])
      .execute()
    const queue = { params: {}, queuePriority: queuePriority({ priority: 'low' }) }
    return insertTasks(
      trx,
      // Asked again whenever it was given up or overtaken, so no key is like another.
      [...assets].map(([assetId, generation]) => ({ assetId, generation, key: `bring:${newId()}`, ...queue })),
    )
  })
}

/** What of an asset lies in the spool, whole or in the making. */
export async function setsInSpool(db: Database, assetId: string): Promise<ObjectSet[]> {
  return db
    .selectFrom('spooled')
    .select(['id', 'tenant', 'folder'])
    .where('id', '=', assetId)
    .where('home_at', 'is', null)
    .execute()
}

/** The flip: readers are sent to the store from this commit on. False, and nothing done, where the asset is being worked on again, or is deleted. Its row is held already. */
export async function flipHome(trx: Trx, assetId: string, sets: ObjectSet[]): Promise<boolean> {
  const resting = await trx.selectFrom('assets').select('id').where('id', '=', assetId).where(atRest).executeTakeFirst()
  if (resting === undefined || sets.length === 0) return false
  await trx
    .updateTable('spooled')
    .set({ home_at: sql`now()` })
    .where('id', '=', assetId)
    .where(
      'folder',
      'in',
      sets.map(({ folder }) => folder),
    )
    .execute()
  return true
}
