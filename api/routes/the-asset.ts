import { type Asset, findAsset, noAsset } from '../../core/db/assets.ts'
import { isId } from '../../core/ids.ts'
import type { ApiHouse } from '../house.ts'

/** The asset that an address names. Another tenant's is as absent as one that never was. */
export async function theAsset(house: Pick<ApiHouse, 'db'>, key: { id: string; tenant: string }): Promise<Asset> {
  const asset = isId(key.id) ? await findAsset(house.db, key) : undefined
  if (asset === undefined) throw noAsset(key.id)
  return asset
}
