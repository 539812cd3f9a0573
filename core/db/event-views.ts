import type { AssetView } from '../asset-view.ts'
import { viewAssets } from './asset-views.ts'
import type { Asset } from './assets.ts'
import type { Event } from './event-log.ts'
import type { Database } from './open.ts'

export type EventView = { type: string; timestamp: string; data: unknown }

type Addresses = { publicUrl(key: string): string }

/** Events of assets as outsiders see them: each with its asset as it is now, deleted ones too. */
export async function viewEvents(db: Database, storage: Addresses, events: Event[]): Promise<EventView[]> {
  const ids = events.map((event) => event.asset_id)
  const assets = await viewsById(db, storage, ids)
  return events.map((event) => ({
    type: event.type,
    timestamp: event.created_at.toISOString(),
    data: assets.get(event.asset_id) ?? { id: event.asset_id },
  }))
}

export async function viewsById(db: Database, storage: Addresses, ids: string[]): Promise<Map<string, AssetView>> {
  const rows: Asset[] =
    ids.length === 0
      ? []
      : await db
          .selectFrom('assets')
          .selectAll()
          .where('id', 'in', [...new Set(ids)])
          .execute()
  const views = await viewAssets(db, storage, rows)
  return new Map(views.map((view) => [view.id, view]))
}
