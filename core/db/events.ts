import { newId } from '../ids.ts'
import type { JsonObject } from './schema.ts'
import type { Trx } from './tasks.ts'

const eventTypes = ['created', 'uploaded', 'playable', 'ready', 'failed', 'cancelled', 'deleted'] as const
/** Those that endpoints are told of unless they say otherwise. */
export const assetEvents = eventTypes.map((type) => `asset.${type}` as const)
export type EventType = (typeof assetEvents)[number] | 'webhook.disabled'

type NewEvent = { asset: { id: string; tenant: string }; type: EventType; payload?: JsonObject; data?: object }

/** The outbox: an event is a row in the transaction of what it tells about, so neither is ever without the other. */
export const insertEvent = (trx: Trx, event: NewEvent): Promise<void> => insertEvents(trx, [event])

export async function insertEvents(trx: Trx, events: NewEvent[]): Promise<void> {
  const rows = events.map(({ asset, type, payload = {}, data }) => ({
    id: newId(),
    asset_id: asset.id,
    tenant: asset.tenant,
    type,
    payload: JSON.stringify(payload),
    ...(data && { data: JSON.stringify(data) }),
  }))
  await trx.insertInto('events').values(rows).execute()
}
