import { createReadStream } from 'node:fs'
import path from 'node:path'
import { acceptAsset, type NewAsset } from '../../core/accept.ts'
import type { AssetView } from '../../core/asset-view.ts'
import { viewAssets } from '../../core/db/asset-views.ts'
import { newId } from '../../core/ids.ts'
import { privateObject, sourceKey } from '../../core/storage/keys.ts'
import { handlers } from '../../workers/handlers.ts'
import { runTask } from '../../workers/run-task.ts'
import { readAsset, type TestHouse } from './house.ts'

const open = new AbortController().signal

/** A file as an asset whose bytes have come, not yet looked at. */
export async function receivedAsset(house: TestHouse, file: string, wishes: Partial<NewAsset> = {}): Promise<string> {
  const asset = { id: newId(), tenant: 'default' }
  const filename = path.basename(file)
  const stored = await house.storage.put(sourceKey(asset, filename), createReadStream(file), privateObject)
  await acceptAsset(house, { ...asset, ...wishes, source: { type: 'upload', filename, ...stored } })
  return asset.id
}

/** Runs whatever waits for an asset, one task after the other, until nothing waits any more. */
export async function runTasks(house: TestHouse, assetId: string, recipes = handlers): Promise<void> {
  for (;;) {
    const next = await house.db
      .selectFrom('tasks')
      .select('id')
      .where('asset_id', '=', assetId)
      .where('status', '=', 'pending')
      .where('run_after', '<=', new Date(Date.now() + 60_000))
      .orderBy('queue_priority')
      .orderBy('created_at')
      .executeTakeFirst()
    if (next === undefined) return
    await house.db
      .updateTable('tasks')
      .set({ run_after: new Date(0) })
      .where('id', '=', next.id)
      .execute()
    await runTask({ house, taskId: next.id, handlers: recipes, closing: open })
  }
}

/** The whole way of one file through a worker, in this process, and what outsiders see at its end. */
export async function runThrough(house: TestHouse, file: string, wishes: Partial<NewAsset> = {}): Promise<AssetView> {
  const id = await receivedAsset(house, file, wishes)
  await runTasks(house, id)
  const [view] = await viewAssets(house.db, house.storage, [await readAsset(house, id)])
  if (view === undefined) throw new Error(`asset ${id} cannot be seen`)
  return view
}
