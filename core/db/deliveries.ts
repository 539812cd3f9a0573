import { type Selectable, sql } from 'kysely'
import { type Lane, soon } from './delivery-lanes.ts'
import type { Database } from './open.ts'
import type { DeliveriesTable } from './webhook-schema.ts'

type Row = Selectable<DeliveriesTable> & { type: string }

/** What the first in a lane needs to be sent. */
export type Head = {
  id: string
  event_id: string
  attempts: number
  /** Those of them that count for its next pause. */
  tries: number
  /** Since the first of these, in Postgres's time. */
  triedForMs: number
  type: string
  created_at: Date
  data: unknown
  url: string
  /** By somebody, who can enable it again; else it is the address that an asset bears by itself. */
  registered: boolean
  /** The first is the one that counts; the second is the one before, for a day. */
  secrets: string[]
}

/** No try of it counts yet: there was none, or none since it was asked for again or its endpoint was enabled. So it has its whole time before it. */
export const begunAnew = sql<boolean>`(
  deliveries.first_tried_at IS NULL
  OR deliveries.first_tried_at < (SELECT enabled_at FROM webhooks WHERE webhooks.id = deliveries.webhook_id))`

/** The delivery that is next in a lane; undefined when nothing waits in it. */
export async function headOf(db: Database, lane: Pick<Lane, 'webhook_id' | 'asset_id'>): Promise<Head | undefined> {
  const row = await db
    .selectFrom('deliveries')
    .innerJoin('events', 'events.id', 'deliveries.event_id')
    .innerJoin('webhooks', 'webhooks.id', 'deliveries.webhook_id')
    .leftJoin('assets', 'assets.id', 'deliveries.asset_id')
    .leftJoin('webhook_secrets as own', 'own.tenant', 'webhooks.tenant')
    .select(['deliveries.id', 'deliveries.event_id', 'deliveries.attempts', 'events.type', 'events.created_at'])
    .select(['events.data', 'webhooks.origin', 'webhooks.url', 'assets.webhook_url'])
    .select(['webhooks.secret', 'own.secret as own_secret'])
    .select(({ ref }) => [
      stillValid(ref('webhooks.previous_secret'), ref('webhooks.previous_until')).as('previous'),
      stillValid(ref('own.previous_secret'), ref('own.previous_until')).as('own_previous'),
      sql<number>`CASE WHEN ${begunAnew} THEN 0 ELSE deliveries.attempts - deliveries.attempts_before END`.as('tries'),
      sql<number>`
        CASE WHEN ${begunAnew} THEN 0 ELSE extract(epoch FROM now() - deliveries.first_tried_at) * 1000 END::float8`.as(
        'triedForMs',
      ),
    ])
    .where('deliveries.webhook_id', '=', lane.webhook_id)
    .where('deliveries.asset_id', '=', lane.asset_id)
    .where('deliveries.status', '=', 'pending')
    .where('webhooks.deleted_at', 'is', null)
    .orderBy('deliveries.position')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const registered = row.origin === null
  const secrets = registered ? [row.secret, row.previous] : [row.own_secret, row.own_previous]
  return {
    ...row,
    registered,
    url: registered ? row.url : (row.webhook_url ?? row.url),
    secrets: secrets.filter((secret) => secret !== null),
  }
}

type Ref = ReturnType<typeof sql.ref> | { toOperationNode(): never }
const stillValid = (secret: unknown, until: unknown) =>
  sql<string | null>`CASE WHEN ${until as Ref} > now() THEN ${secret as Ref} END`

export type DeliveryStatus = Row['status']
type Listed = { webhookId: string; status?: DeliveryStatus | undefined; after?: string | undefined; limit: number }

/** What an endpoint was sent, or will be; the newest first. */
export async function listDeliveries(db: Database, { webhookId, status, after, limit }: Listed): Promise<Row[]> {
  let query = withType(db).where('deliveries.webhook_id', '=', webhookId)
  if (status !== undefined) query = query.where('deliveries.status', '=', status)
  if (after !== undefined) query = query.where('deliveries.id', '<', after)
  return query.orderBy('deliveries.id', 'desc').limit(limit).execute()
}

/** What all endpoints were sent of one asset; there is little. */
export const deliveriesOfAsset = (db: Database, assetId: string, limit: number): Promise<Row[]> =>
  withType(db).where('deliveries.asset_id', '=', assetId).orderBy('deliveries.id', 'desc').limit(limit).execute()

/** Of endpoints that are there; what is left of a deleted one is nobody's any more. */
const withType = (db: Database) =>
  db
    .selectFrom('deliveries')
    .innerJoin('events', 'events.id', 'deliveries.event_id')
    .innerJoin('webhooks', 'webhooks.id', 'deliveries.webhook_id')
    .where('webhooks.deleted_at', 'is', null)
    .selectAll('deliveries')
    .select('events.type')

export type Redelivered = { delivery: Row; disabled: boolean }

/** Has a delivery sent again, as soon as what stands before it in its lane has been. Undefined: there is none; to a disabled endpoint nothing is sent. */
export async function redeliver(
  db: Database,
  { id, tenant }: { id: string; tenant: string },
): Promise<Redelivered | undefined> {
  return db.transaction().execute(async (trx) => {
    const delivery = await withType(trx)
      .select('webhooks.disabled_at')
      .where('deliveries.id', '=', id)
      .where('webhooks.tenant', '=', tenant)
      .executeTakeFirst()
    if (delivery === undefined) return undefined
    if (delivery.disabled_at !== null) return { delivery, disabled: true }
    const { webhook_id, asset_id } = delivery
    // The lane first, as whoever settles does.
    await trx
      .insertInto('delivery_lanes')
      .values({ webhook_id, asset_id })
      // One that is under way now is not begun twice: its run ends as it would, and what is then first is sent at once.
      .onConflict((conflict) => conflict.columns(['webhook_id', 'asset_id']).doUpdateSet({ next_at: soon }))
      .execute()
    const change = { status: 'pending' as const, next_at: sql<Date>`now()`, first_tried_at: null, delivered_at: null }
    await trx.updateTable('deliveries').set(change).where('id', '=', id).execute()
    return { delivery: { ...delivery, status: 'pending' as const }, disabled: false }
  })
}

/** A delivery as the owner of its endpoint sees it. */
export function deliveryView(row: Row) {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    eventId: row.event_id,
    type: row.type,
    assetId: row.asset_id,
    status: row.status,
    attempts: row.attempts,
    responseStatus: row.response_status,
    error: row.error,
    tries: row.tries,
    nextAttemptAt: row.status === 'pending' ? row.next_at.toISOString() : null,
    createdAt: row.created_at.toISOString(),
    deliveredAt: row.delivered_at?.toISOString() ?? null,
  }
}
