import { type Cause, checkProfile } from './accept.ts'
import { findAsset, noAsset } from './db/assets.ts'
import { type Begun, beginGeneration } from './db/new-generation.ts'
import type { Database } from './db/open.ts'
import type { Profiles } from './media/profiles.ts'
import { objectSource } from './object-source.ts'
import type { ObjectStores } from './storage/object-stores.ts'

type ReprocessingHouse = {
  db: Database
  objects: ObjectStores
  config: { profiles: Profiles; MAX_UPLOAD_BYTES: number }
}

type Asked = {
  id: string
  tenant: string
  profile?: string | undefined
  request?: string | undefined
  cause?: Cause | undefined
}

/** Makes an asset anew from its original, as the profile says today, or by another one. Push the reminders after it. */
export async function reprocessAsset(house: ReprocessingHouse, asked: Asked): Promise<Begun> {
  checkProfile(asked.profile, house.config.profiles)
  const object = await objectNow(house, asked)
  return house.db.transaction().execute((trx) => beginGeneration(trx, { ...asked, object }))
}

/** Media that lies elsewhere is taken as it is there today: its owner may have replaced it, which is why one reprocesses. */
export async function objectNow(
  house: Pick<ReprocessingHouse, 'db' | 'objects' | 'config'>,
  { id, tenant }: Pick<Asked, 'id' | 'tenant'>,
) {
  const asset = await findAsset(house.db, { id, tenant })
  if (asset === undefined) throw noAsset(id)
  return asset.source_object === null ? undefined : objectSource(house, { object: asset.source_object, tenant })
}
