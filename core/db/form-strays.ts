import { sql } from 'kysely'
import type { Database } from './open.ts'
import type { Trx } from './tasks.ts'

/** Longer than any form takes. */
const takenBackAfter = sql<Date>`now() + interval '24 hours'`

/**
 * A form's bytes reach storage before there is an asset. Should this process die in between, they are taken back like those
 * of an upload that is over; an asset that is made takes the promise back.
 */
export async function promiseToTakeBack(db: Database, { id, tenant }: { id: string; tenant: string }): Promise<void> {
  await db
    .insertInto('uploads')
    .values({
      ...{ id, tenant, asset_id: null, protocol: 'chunks', status: 'gone', bytes: null, max_bytes: 0 },
      ...{ expires_at: takenBackAfter, ended_at: takenBackAfter },
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function nothingToTakeBack(db: Database | Trx, id: string): Promise<void> {
  await db.deleteFrom('uploads').where('id', '=', id).where('status', '=', 'gone').execute()
}
