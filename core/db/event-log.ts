import { type Selectable, sql } from 'kysely'
import type { Database } from './open.ts'
import type { EventsTable } from './webhook-schema.ts'

export type Event = Selectable<EventsTable>
export type PlacedEvent = Event & { position: number }

/** Or of an endpoint, which is nothing for those who may see assets alone. */
export const isOfAsset = ({ type }: Event): boolean => type.startsWith('asset.')

/** Where the newest event stands; 0 before there was one. */
export async function latestPosition(db: Database): Promise<number> {
  const row = await db
    .selectFrom('events')
    .select('position')
    .where('position', '>', 0)
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.position ?? 0
}

/** Says that one goes on with the first event that there is, in place of the id of the last that was heard. */
export const beforeAllEvents = '00000000-0000-0000-0000-000000000000'

/** The last event of a tenant up to a place, to come back for: what comes after it is what comes after that place. */
export async function lastEventUpTo(
  db: Database,
  { tenant, position }: { tenant: string; position: number },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM (
      (SELECT id, position FROM events WHERE tenant = ${tenant} AND position > 0 AND position <= ${position}
        ORDER BY position DESC LIMIT 1)
      UNION ALL
      SELECT id, position FROM forgotten_events WHERE tenant = ${tenant}
    ) AS last ORDER BY position DESC LIMIT 1`.execute(db)
  return rows[0]?.id ?? beforeAllEvents
}

/** Where an event of this tenant stands; undefined when it is not there, or something that came after it is not any more. */
export async function positionOf(
  db: Database,
  event: { id: string; tenant: string; assetId?: string | undefined },
): Promise<number | undefined> {
  if (event.assetId !== undefined) return placeOfKept(db, event)
  const { tenant } = event
  const forgotten = await db
    .selectFrom('forgotten_events')
    .select(['id', 'position'])
    .where('tenant', '=', tenant)
    .executeTakeFirst()
  if (event.id === forgotten?.id) return forgotten.position
  const position = event.id === beforeAllEvents ? 0 : await placeOfKept(db, event)
  return position !== undefined && position < (forgotten?.position ?? 0) ? undefined : position
}

async function placeOfKept(
  db: Database,
  event: { id: string; tenant: string; assetId?: string | undefined },
): Promise<number | undefined> {
  let query = db.selectFrom('events').select('position').where('id', '=', event.id).where('tenant', '=', event.tenant)
  if (event.assetId !== undefined) query = query.where('asset_id', '=', event.assetId)
  return (await query.executeTakeFirst())?.position ?? undefined
}

type Wanted = { after: number; upTo?: number; tenant?: string; assetId?: string | undefined; limit: number }

/** What comes after a place, in order: of all, of a tenant, or of one asset. */
export async function eventsAfter(db: Database, wanted: Wanted): Promise<PlacedEvent[]> {
  let query = db
    .selectFrom('events')
    .selectAll()
    .where('position', '>', 0)
    .where('position', '>', wanted.after)
    .$narrowType<{ position: number }>()
  if (wanted.upTo !== undefined) query = query.where('position', '<=', wanted.upTo)
  if (wanted.tenant !== undefined) query = query.where('tenant', '=', wanted.tenant)
  // Of one asset there are few: better its own index than all of its tenant's.
  if (wanted.assetId !== undefined) query = query.where(sql`asset_id`, '=', sql<string>`${wanted.assetId}::uuid`)
  return query.orderBy('position').limit(wanted.limit).execute()
}
