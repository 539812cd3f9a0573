import { acceptAsset, type NewAsset } from '../../core/accept.ts'
import type { Asset } from '../../core/db/assets.ts'
import { type NewOutput, type OutputRole, writeOutputs } from '../../core/db/outputs.ts'
import type { JsonObject } from '../../core/db/schema.ts'
import { newId } from '../../core/ids.ts'
import { cacheControlFor, contentTypeFor } from '../../core/storage/content-types.ts'
import { generationPrefix, privateObject, sourceKey } from '../../core/storage/keys.ts'
import { readAsset, type TestHouse } from './house.ts'

export type ShownFile = { path: string; body: Buffer | string; role?: OutputRole; name?: string; facts?: JsonObject }

/** An asset that is ready with these files, as if workers had made them. */
export async function shownAsset(
  house: Pick<TestHouse, 'db' | 'storage' | 'config'>,
  wishes: Partial<NewAsset> & { kind: NonNullable<NewAsset['kind']> },
  files: ShownFile[],
): Promise<Asset> {
  const ref = { id: newId(), tenant: wishes.tenant ?? 'default' }
  const source = Buffer.from('the source')
  const stored = await house.storage.put(sourceKey(ref, 'film.mp4'), source, privateObject)
  const { asset } = await acceptAsset(house, { ...ref, ...wishes, source: { type: 'upload', ...stored } })
  const outputs: NewOutput[] = []
  for (const file of files) {
    const key = generationPrefix(asset, 1) + file.path
    const contentType = contentTypeFor(key)
    const { bytes } = await house.storage.put(key, Buffer.from(file.body), {
      contentType,
      cacheControl: cacheControlFor(key),
    })
    const { role, name = file.role ?? '', facts = {} } = file
    if (role !== undefined) outputs.push({ role, name, key, contentType, bytes, facts })
  }
  await house.db.transaction().execute((trx) => writeOutputs(trx, { id: asset.id, generation: 1 }, outputs))
  await house.db
    .updateTable('assets')
    .set({ status: 'ready', playable: true, generation: 1 })
    .where('id', '=', asset.id)
    .execute()
  return readAsset(house, asset.id)
}
