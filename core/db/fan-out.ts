import { sql } from 'kysely'
import { newId } from '../ids.ts'
import type { PlacedEvent } from './event-log.ts'
import { viewsById } from './event-views.ts'
import type { Trx } from './tasks.ts'
import { originRows } from './webhooks.ts'

type Target = { event: PlacedEvent; webhookId: string }

/** Gives each event to the endpoints that want it: a delivery each, in the lane of its asset. */
export async function fanOut(
  trx: Trx,
  storage: { publicUrl(key: string): string },
  events: PlacedEvent[],
): Promise<void> {
  const direct = await toRegistered(trx, events)
  const targets = [...direct.targets, ...(await toOwnAddresses(trx, events, direct.covered))]
  if (targets.length === 0) return
  await keepData(trx, storage, [...new Set(targets.map(({ event }) => event))])
  // Made in one moment, they sort as what they deliver does.
  const ids = targets.map(() => newId()).sort()
  await trx
    .insertInto('deliveries')
    .values(
      targets.sort(byPlace).map(({ event, webhookId }, n) => ({
        ...{ id: ids[n] ?? newId(), webhook_id: webhookId, event_id: event.id, asset_id: event.asset_id },
        ...{ position: event.position, status: 'pending' as const },
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const lanes = new Map(
    targets.map(({ event, webhookId }) => [
      `${webhookId} ${event.asset_id}`,
      { webhook_id: webhookId, asset_id: event.asset_id },
    ]),
  )
  await trx
    .insertInto('delivery_lanes')
    .values([...lanes.values()])
    // Holds a lane that is there, so that whoever just empties it looks again before it is taken away.
    .onConflict((conflict) =>
      conflict.columns(['webhook_id', 'asset_id']).doUpdateSet((row) => ({ asset_id: row.ref('excluded.asset_id') })),
    )
    .execute()
}

const byPlace = (a: Target, b: Target) => a.event.position - b.event.position

async function toRegistered(trx: Trx, events: PlacedEvent[]): Promise<{ targets: Target[]; covered: Set<string> }> {
  const webhooks = await trx
    .selectFrom('webhooks')
    .select(['id', 'tenant', 'url', 'events'])
    .where('tenant', 'in', [...new Set(events.map(({ tenant }) => tenant))])
    .where('origin', 'is', null)
    .where('disabled_at', 'is', null)
    .forKeyShare()
    .execute()
  const targets: Target[] = []
  const covered = new Set<string>()
  for (const event of events)
    for (const webhook of webhooks) {
      if (webhook.tenant !== event.tenant || !webhook.events.includes(event.type)) continue
      targets.push({ event, webhookId: webhook.id })
      covered.add(`${event.id} ${webhook.url}`)
    }
  return { targets, covered }
}

/** To the address that an asset bears by itself, unless an endpoint of the same address is told already. */
async function toOwnAddresses(trx: Trx, events: PlacedEvent[], covered: Set<string>): Promise<Target[]> {
  const assets = await trx
    .selectFrom('assets')
    .select(['id', 'webhook_url'])
    .where('id', 'in', [...new Set(events.map((event) => event.asset_id))])
    .where('webhook_url', 'is not', null)
    .execute()
  const addressOf = new Map(assets.map((asset) => [asset.id, asset.webhook_url ?? '']))
  const wanted = events.flatMap((event) => {
    const url = addressOf.get(event.asset_id)
    const origin = url === undefined || covered.has(`${event.id} ${url}`) ? undefined : URL.parse(url)?.origin
    return origin === undefined ? [] : [{ event, tenant: event.tenant, origin }]
  })
  const rows = await originRows(trx, wanted)
  const idOf = new Map(rows.map((row) => [`${row.tenant} ${row.origin}`, row.id]))
  return wanted.flatMap(({ event, tenant, origin }) => {
    const webhookId = idOf.get(`${tenant} ${origin}`)
    return webhookId === undefined ? [] : [{ event, webhookId }]
  })
}

/** What an endpoint is told is the asset as it is now, a moment after the event, and the same at each try. */
async function keepData(trx: Trx, storage: { publicUrl(key: string): string }, events: PlacedEvent[]): Promise<void> {
  const without = events.filter(({ data }) => data === null)
  const views = await viewsById(
    trx,
    storage,
    without.map((event) => event.asset_id),
  )
  const ids = without.map(({ id }) => id)
  const data = without.map((event) => JSON.stringify(views.get(event.asset_id) ?? { id: event.asset_id }))
  await sql`
    UPDATE events SET data = given.data::json FROM unnest(${ids}::uuid[], ${data}::text[]) AS given (id, data)
    WHERE events.id = given.id`.execute(trx)
}
