import { assetPrefix } from '../../core/storage/keys.ts'
import type { Handler } from '../house.ts'

/** Deletes every stored object of a deleted asset. Its row stays hidden, so that nothing comes back to life under its id. */
export const purge: Handler = async ({ asset, bench, house }) => {
  if (asset.source_key !== null) await house.sources.forget(asset.source_key)
  return { result: { deleted: await bench.storage.deletePrefix(assetPrefix(asset)) } }
}
