import { sql } from 'kysely'
import { begunAnew } from './deliveries.ts'
import type { Lane } from './delivery-lanes.ts'
import type { Database } from './open.ts'
import type { Trx } from './tasks.ts'
import type { Try } from './webhook-schema.ts'

/** What came of one try, and what becomes of the delivery by it. */
export type Settlement = {
  deliveryId: string
  tried: Try
  to: 'delivered' | 'failed' | { againInMs: number }
}

const triesKept = 30

/**
 * Writes down what came of a try, unless somebody else has taken the lane since: then nothing, and false. An emptied lane
 * is taken away; looked at under its lock, nothing has come into it unseen.
 */
export async function settleDelivery(db: Database, lane: Lane, settled: Settlement): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    if (!(await holdLane(trx, lane))) return false
    const { to, tried } = settled
    await trx
      .updateTable('deliveries')
      .set({
        attempts: sql`attempts + 1`,
        attempts_before: sql<number>`CASE WHEN ${begunAnew} THEN attempts ELSE attempts_before END`,
        tries: sql`CASE WHEN jsonb_array_length(tries) < ${triesKept} THEN tries ELSE tries - 0 END || ${JSON.stringify(tried)}::jsonb`,
        first_tried_at: sql<Date>`CASE WHEN ${begunAnew} THEN now() ELSE first_tried_at END`,
        response_status: tried.status,
        error: tried.error,
        ...(typeof to === 'object' ? { next_at: inMs(to.againInMs) } : { status: to }),
        ...(to === 'delivered' ? { delivered_at: sql<Date>`now()` } : {}),
      })
      .where('id', '=', settled.deliveryId)
      .where('status', '=', 'pending')
      .execute()
    await goOn(trx, lane, settled)
    return true
  })
}

async function holdLane(trx: Trx, lane: Lane): Promise<boolean> {
  const row = await trx
    .selectFrom('delivery_lanes')
    .select('run')
    .where('webhook_id', '=', lane.webhook_id)
    .where('asset_id', '=', lane.asset_id)
    .where('run', '=', lane.run)
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/** Nothing waits in it, as it turned out. */
export async function leaveEmptyLane(db: Database, lane: Lane): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (await holdLane(trx, lane)) await goOn(trx, lane)
  })
}

/** The pause after a failure is that of its event alone: what was asked for again meanwhile and stands before it goes out at once. */
async function goOn(trx: Trx, lane: Lane, settled?: Settlement): Promise<void> {
  const next = await trx
    .selectFrom('deliveries')
    .select('id')
    .where('webhook_id', '=', lane.webhook_id)
    .where('asset_id', '=', lane.asset_id)
    .where('status', '=', 'pending')
    .orderBy('position')
    .limit(1)
    .executeTakeFirst()
  if (next === undefined)
    await trx
      .deleteFrom('delivery_lanes')
      .where('webhook_id', '=', lane.webhook_id)
      .where('asset_id', '=', lane.asset_id)
      .execute()
  else
    await trx
      .updateTable('delivery_lanes')
      .set({ next_at: inMs(next.id === settled?.deliveryId ? pauseOf(settled) : 0) })
      .where('webhook_id', '=', lane.webhook_id)
      .where('asset_id', '=', lane.asset_id)
      .execute()
}

const pauseOf = ({ to }: Settlement) => (typeof to === 'object' ? to.againInMs : 0)
const inMs = (ms: number) => sql<Date>`now() + ${ms} * interval '1 millisecond'`
