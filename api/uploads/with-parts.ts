import type { Accepted } from '../../core/accept.ts'
import { findUpload } from '../../core/db/uploads.ts'
import { privateObject, sourceKey } from '../../core/storage/keys.ts'
import type { OpenParts } from '../../core/storage/parts.ts'
import type { ApiHouse } from '../house.ts'
import type { UploadWish } from './new-upload.ts'

type Beginning = {
  house: Pick<ApiHouse, 'db' | 'storage' | 'log'>
  asset: { id: string; tenant: string }
  wish: UploadWish
}

/** Opens a direct upload at the store, where there is one that may be trusted with it; what no row came to hold is taken back. */
export async function withParts(
  { house, asset, wish }: Beginning,
  make: (growth: string | null) => Promise<Accepted>,
): Promise<Accepted> {
  const { parts } = house.storage
  if (wish.strategy !== 'direct' || parts === undefined) return make(null)
  if (!(await parts.trusted())) {
    house.log.info('the store copies other objects at addresses that were not signed for it: parts come to the API')
    return make(null)
  }
  const open = await parts.begin(sourceKey(asset, wish.filename), privateObject)
  try {
    const accepted = await make(JSON.stringify(open))
    if (!accepted.created) await parts.abort(open)
    return accepted
  } catch (error) {
    await abortUnheld(house, asset, open)
    throw error
  }
}

/** A commit whose answer was lost may hold it. In doubt it stays, until it is old enough to be nobody's. */
async function abortUnheld(house: Beginning['house'], asset: Beginning['asset'], open: OpenParts): Promise<void> {
  try {
    if ((await findUpload(house.db, asset)) === undefined) await house.storage.parts?.abort(open)
  } catch (err) {
    house.log.warn({ err, key: open.key }, 'an upload that was not begun was left open at the store')
  }
}
