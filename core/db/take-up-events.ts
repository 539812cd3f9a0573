import { sql } from 'kysely'
import type { PlacedEvent } from './event-log.ts'
import { fanOut } from './fan-out.ts'
import { tryLock } from './locks.ts'
import type { Database } from './open.ts'
import type { Trx } from './tasks.ts'

const atOnce = 200

type House = { db: Database; storage: { publicUrl(key: string): string } }

/**
 * Gives events that were committed since their places, in which readers go on, and a delivery to each endpoint that wants
 * them. Their sequence cannot be that place: it is drawn inside transactions, which may end in another order, so that an
 * event would appear behind a reader. One process at a time does this, any one; an asset's events keep their order, since
 * whoever writes one holds the asset's row. Says how many; there may be more.
 */
export async function takeUpEvents({ db, storage }: House): Promise<number> {
  if ((await untaken(db, 1)).length === 0) return 0
  return db.transaction().execute(async (trx) => {
    // A process that is frozen in the middle must not hold up all others.
    await sql`SELECT set_config('idle_in_transaction_session_timeout', '10s', true)`.execute(trx)
    if (!(await tryLock(trx, 'events'))) return 0
    const events = await placed(trx)
    if (events.length > 0) await fanOut(trx, storage, events)
    return events.length
  })
}

async function untaken(db: Database | Trx, limit: number): Promise<number[]> {
  const rows = db.selectFrom('events').select('sequence').where('position', 'is', null).orderBy('sequence').limit(limit)
  return (await rows.execute()).map(({ sequence }) => sequence)
}

async function placed(trx: Trx): Promise<PlacedEvent[]> {
  const sequences = await untaken(trx, atOnce)
  // Named twice, so that they are found by the index whatever Postgres thinks of how many they are.
  const { rows } = await sql<PlacedEvent>`
    WITH numbered AS MATERIALIZED (
      SELECT sequence, nextval('event_positions') AS position FROM unnest(${sequences}::bigint[]) AS sequence)
    UPDATE events SET position = numbered.position FROM numbered
    WHERE events.sequence = numbered.sequence AND events.sequence = ANY (${sequences}::bigint[])
    RETURNING events.*`.execute(trx)
  return rows.sort((a, b) => a.position - b.position)
}
