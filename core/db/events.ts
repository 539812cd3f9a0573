import { newId } from '../ids.ts'
import type { JsonObject } from './schema.ts'
import type { Trx } from './tasks.ts'

export const eventTypes = ['created', 'uploaded', 'playable', 'ready', 'failed', 'cancelled', 'deleted'] as const
export type EventType = `asset.${(typeof eventTypes)[number]}`

/** The outbox: an event is a row in the transaction of what it tells about, so neither is ever without the other. */
export async function insertEvent(
  trx: Trx,
  event: { asset: { id: string; tenant: string }; type: EventType; payload?: JsonObject },
): Promise<void> {
  await trx
    .insertInto('events')
    .values({
      id: newId(),
      asset_id: event.asset.id,
      tenant: event.asset.tenant,
      type: event.type,
      payload: JSON.stringify(event.payload ?? {}),
    })
    .execute()
}
