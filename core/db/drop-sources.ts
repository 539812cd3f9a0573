import { sql } from 'kysely'
import type { Database } from './open.ts'

type Old = { keptSeconds: number; limit: number }

/**
 * Lets go of the sources of assets that have been ready for so long and have no work left, the longest ready first: their
 * keys, to be deleted. Their rows have changed, so whatever of that comes to nothing is found by the tidying of storage.
 */
export async function dropOldSources(db: Database, { keptSeconds, limit }: Old): Promise<string[]> {
  return db.transaction().execute(async (trx) => {
    const old = await trx
      .selectFrom('assets')
      .select(['id', 'source_key'])
      .where('status', '=', 'ready')
      .where('deleted_at', 'is', null)
      .where('source_key', 'is not', null)
      .where('ready_at', '<=', sql<Date>`now() - ${keptSeconds} * interval '1 second'`)
      .where(({ not, exists, selectFrom }) => {
        const tasks = selectFrom('tasks').select('id').whereRef('asset_id', '=', 'assets.id')
        return not(exists(tasks.where('status', 'in', ['pending', 'running'])))
      })
      .orderBy('ready_at')
      .limit(limit)
      .forNoKeyUpdate()
      .skipLocked()
      .execute()
    if (old.length === 0) return []
    const ids = old.map(({ id }) => id)
    await trx
      .updateTable('assets')
      .set({ source_key: null, source_dropped_at: sql<Date>`now()`, updated_at: sql<Date>`now()` })
      .where(sql<boolean>`id = ANY (${ids}::uuid[])`)
      .execute()
    return old.flatMap(({ source_key }) => source_key ?? [])
  })
}
