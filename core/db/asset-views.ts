import { type AssetView, assetView } from '../asset-view.ts'
import type { Asset } from './assets.ts'
import type { Database } from './open.ts'
import { servedOutputs } from './outputs.ts'
import { workDone } from './progress.ts'

/** Several assets as outsiders see them, at the cost of two more queries however many they are. */
export async function viewAssets(
  db: Database,
  storage: { publicUrl(key: string): string },
  assets: Asset[],
): Promise<AssetView[]> {
  const ids = assets.map((asset) => asset.id)
  const [outputs, done] = await Promise.all([servedOutputs(db, ids), workDone(db, ids)])
  const byAsset = Map.groupBy(outputs, (output) => output.asset_id)
  return assets.map((asset) =>
    assetView({ asset, outputs: byAsset.get(asset.id) ?? [], done: done.get(asset.id), storage }),
  )
}
