import type { FastifyPluginAsync } from 'fastify'
import { isId } from '../../core/ids.ts'
import type { LocalStorage } from '../../core/storage/local.ts'
import type { Storage } from '../../core/storage/storage.ts'
import type { ApiHouse } from '../house.ts'
import { mediaRoutes } from './media.ts'

/** `/media/<key>`, where storage is local; elsewhere the store has addresses of its own. */
export function mediaFor(house: ApiHouse): FastifyPluginAsync {
  return async (app) => {
    if (isLocal(house.storage)) await app.register(mediaRoutes, { storage: house.storage, allowKey })
  }

  /** Deleted assets are hidden at once, long before their last object is gone; private ones want a signed address. */
  async function allowKey(key: string): Promise<boolean> {
    const [tenant = '', id = ''] = key.split('/', 2)
    if (!isId(id)) return false
    const asset = await house.db
      .selectFrom('assets')
      .select('id')
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .where('visibility', '=', 'public')
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    return asset !== undefined
  }
}

const isLocal = (storage: Storage): storage is LocalStorage => storage.driver === 'local'
