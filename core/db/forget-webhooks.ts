import { type RawBuilder, sql } from 'kysely'
import type { Database } from './open.ts'

const atOnce = 500
/** A worker's turn is over after so many. */
const steps = 200

/**
 * Takes endpoints away that were deleted, with all that there was of them: a little at a time, so that nobody waits long for
 * one, and the row last, since whoever takes up events holds rows of endpoints. Lanes go first, as whoever settles has them
 * first; after that nobody writes to its deliveries any more. Says how many endpoints are gone.
 */
export async function forgetDeletedWebhooks(db: Database): Promise<number> {
  let forgotten = 0
  for (let step = 0; step < steps; step++) {
    const deleted = db.selectFrom('webhooks').select('id').where('deleted_at', 'is not', null).orderBy('id').limit(1)
    const id = (await deleted.executeTakeFirst())?.id
    if (id === undefined) break
    if ((await someLanes(db, id)) > 0 || (await someDeliveries(db, id)) > 0) continue
    await db.deleteFrom('webhooks').where('id', '=', id).execute()
    forgotten += 1
  }
  return forgotten
}

const someLanes = (db: Database, id: string): Promise<number> =>
  numberOf(
    db,
    sql`
      DELETE FROM delivery_lanes WHERE ctid = ANY (ARRAY (
        SELECT ctid FROM delivery_lanes WHERE webhook_id = ${id} ORDER BY asset_id LIMIT ${atOnce}))`,
  )

const someDeliveries = (db: Database, id: string): Promise<number> =>
  numberOf(
    db,
    sql`
      DELETE FROM deliveries WHERE id = ANY (ARRAY (
        SELECT id FROM deliveries WHERE webhook_id = ${id} ORDER BY id DESC LIMIT ${atOnce}))`,
  )

/** Along the index: where Postgres thinks that there are few it would read all of them for each step, and sort them. */
const numberOf = (db: Database, statement: RawBuilder<unknown>): Promise<number> =>
  db.transaction().execute(async (trx) => {
    await sql`SELECT set_config('enable_sort', 'off', true)`.execute(trx)
    const { numAffectedRows } = await statement.execute(trx)
    return Number(numAffectedRows ?? 0)
  })
