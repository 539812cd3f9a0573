import { assetsInWork } from '../../core/db/asset-progress.ts'
import { viewsById } from '../../core/db/event-views.ts'
import { workDone } from '../../core/db/progress.ts'
import type { ApiHouse } from '../house.ts'
import { frameOf } from './frame.ts'
import { hears, type Listener } from './listener.ts'

/** The least that is worth a word. */
const step = 0.005
const mostAtOnce = 200
const mostRemembered = 5_000

type House = Pick<ApiHouse, 'db' | 'storage'>

/** Tells listeners how far the assets are that are worked on. Nothing of it is stored: who missed one hears the next. */
export function progressTeller({ db, storage }: House): (listeners: readonly Listener[]) => Promise<void> {
  const told = new Map<string, number>()

  return async (listeners) => {
    const wide = listeners.filter(({ assetId }) => assetId === undefined).map(({ tenant }) => tenant)
    const assetIds = [...new Set(listeners.flatMap(({ assetId }) => assetId ?? []))]
    const working = await assetsInWork(db, { tenants: [...new Set(wide)], assetIds, limit: mostAtOnce })
    const done = await workDone(
      db,
      working.map(({ id }) => id),
    )
    const moved = working.filter(({ id }) => Math.abs((done.get(id) ?? 0) - (told.get(id) ?? 0)) >= step)
    if (told.size > mostRemembered) told.clear()
    const views = await viewsById(
      db,
      storage,
      moved.map(({ id }) => id),
    )
    const timestamp = new Date().toISOString()
    for (const { id, tenant } of moved) {
      told.set(id, done.get(id) ?? 0)
      const data = views.get(id)
      if (data === undefined || data.status === 'ready') continue
      const frame = frameOf({ type: 'asset.progress', timestamp, data })
      for (const listener of listeners)
        if (hears(listener, { tenant, assetId: id }) && listener.hasRoom()) listener.send(frame)
    }
  }
}
