import type { FastifyPluginAsync } from 'fastify'
import { isId } from '../../core/ids.ts'
import { signingSecretOf } from '../../core/signing-secret.ts'
import { assetOfKey, shownAsset } from '../../core/storage/keys.ts'
import type { LocalStorage } from '../../core/storage/local.ts'
import type { Storage } from '../../core/storage/storage.ts'
import type { ApiHouse } from '../house.ts'
import { mediaRoutes } from './media.ts'

/** `/media/<key>`, where storage is local, and `/media/~<mark>/<key>` everywhere: an S3 store has public addresses of its own, and no signature that covers a folder. */
export function mediaFor(house: ApiHouse): FastifyPluginAsync {
  const { storage } = house
  const local = servesItself(storage) ? storage : undefined
  const secret = signingSecretOf(house.config)
  return async (app) => {
    await app.register(mediaRoutes, {
      storage,
      secret,
      allowKey,
      ...(local && { signatureHolds: local.signatureHolds }),
    })
  }

  /** Deleted assets are hidden at once, long before their last object is gone; private ones want a signed address. */
  async function allowKey(key: string, { signed }: { signed: boolean }): Promise<boolean> {
    const { tenant, id } = (signed ? assetOfKey(key) : shownAsset(key)) ?? { tenant: '', id: '' }
    if (!isId(id)) return false
    const asset = await house.db
      .selectFrom('assets')
      .select(['id', 'visibility'])
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    return asset !== undefined && (signed || (local !== undefined && asset.visibility === 'public'))
  }
}

/** Whose addresses are ours: those of a disk, and those of a store that spools to one while it is away. */
const servesItself = (storage: Storage): storage is Storage & Pick<LocalStorage, 'signatureHolds'> =>
  'signatureHolds' in storage
