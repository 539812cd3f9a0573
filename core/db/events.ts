import { newId } from '../ids.ts'
import type { JsonObject } from './schema.ts'
import type { Trx } from './tasks.ts'

const eventTypes = ['created', 'uploaded', 'playable', 'ready', 'failed', 'cancelled', 'deleted'] as const
/** Those that endpoints are told of unless they say otherwise. */
export const assetEvents = eventTypes.map((type) => `asset.${type}` as const)
export type EventType = (typeof assetEvents)[number] | 'webhook.disabled'

/** The outbox: an event is a row in the transaction of what it tells about, so neither is ever without the other. */
export async function insertEvent(
  trx: Trx,
  event: { asset: { id: string; tenant: string }; type: EventType; payload?: JsonObject; data?: object },
): Promise<void> {
  await trx
    .insertInto('events')
    .values({
      id: newId(),
      asset_id: event.asset.id,
      tenant: event.asset.tenant,
      type: event.type,
      payload: JSON.stringify(event.payload ?? {}),
      ...(event.data && { data: JSON.stringify(event.data) }),
    })
    .execute()
}
