import { sql } from 'kysely'
import { statesBefore } from '../asset.ts'
import { type ErrorCode, errorCodes } from '../error-codes.ts'
import { queuePriority } from '../task-kinds.ts'
import { type Asset, endedAs, failAsset, stopTasks } from './assets.ts'
import { insertEvent } from './events.ts'
import type { Database } from './open.ts'
import { insertTasks, type Reminder, type Trx } from './tasks.ts'
import { endUpload, endUploadsOf, holdUploadsOf, takeExpiredUploads, type Upload } from './uploads.ts'

type Key = { id: string; tenant: string }

/** Stops an asset's work for good. `undefined`: it had ended already, or is not there. */
export async function cancelAsset(db: Database, key: Key): Promise<Asset | undefined> {
  return db.transaction().execute(async (trx) => {
    await holdUploadsOf(trx, key.id)
    const asset = await trx
      .updateTable('assets')
      .set(endedAs('cancelled'))
      .where('id', '=', key.id)
      .where('tenant', '=', key.tenant)
      .where('status', 'in', statesBefore('cancelled'))
      .where('deleted_at', 'is', null)
      .returningAll()
      .executeTakeFirst()
    if (asset === undefined) return undefined
    await stopTasks(trx, { id: asset.id, generation: asset.target_generation })
    await endUploadsOf(trx, asset.id)
    const kept = asset.status === 'ready'
    await insertEvent(trx, { asset, type: kept ? 'asset.ready' : 'asset.cancelled' })
    return asset
  })
}

/** Ends an upload that its client gave up, and the asset that waited for it. `false`: it had ended already. */
export async function abandonUpload(db: Database, { id, tenant }: Key): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    if ((await endUpload(trx, { id, status: 'gone' })) === undefined) return false
    const asset = await trx
      .updateTable('assets')
      .set({ status: 'cancelled', updated_at: sql`now()` })
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .where('status', '=', 'waiting')
      .where('deleted_at', 'is', null)
      .returningAll()
      .executeTakeFirst()
    if (asset !== undefined) await insertEvent(trx, { asset, type: 'asset.cancelled' })
    return true
  })
}

/** By then whoever ran a task of it has learnt from a heartbeat to stop; the second purge is for one that could not ask. */
const purges = [
  { key: 'purge', afterMs: 5_000 },
  { key: 'purge:late', afterMs: 60_000 },
]

/** Hides an asset at once, stops its work, and has everything deleted that it stored. `undefined`: it is not there. */
export async function deleteAsset(db: Database, key: Key): Promise<Reminder[] | undefined> {
  return db.transaction().execute(async (trx) => {
    await holdUploadsOf(trx, key.id)
    const asset = await trx
      .updateTable('assets')
      .set({ deleted_at: sql`now()`, updated_at: sql`now()` })
      .where('id', '=', key.id)
      .where('tenant', '=', key.tenant)
      .where('deleted_at', 'is', null)
      .returningAll()
      .executeTakeFirst()
    if (asset === undefined) return undefined
    const generation = asset.target_generation
    await stopTasks(trx, { id: asset.id, generation })
    await endUploadsOf(trx, asset.id)
    await insertEvent(trx, { asset, type: 'asset.deleted' })
    const common = { assetId: asset.id, generation, params: {}, queuePriority: queuePriority({ priority: 'normal' }) }
    return insertTasks(
      trx,
      purges.map((purge) => ({ ...common, ...purge })),
    )
  })
}

/** Ends uploads whose time is over, and the assets that waited for them. What storage holds of them is taken back afterwards. */
export async function expireUploads(db: Database, { limit }: { limit: number }): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const expired = await takeExpiredUploads(trx, limit)
    for (const upload of expired) await endForNothing(trx, upload, 'upload_expired')
    return expired.length
  })
}

/** Ends an upload that came to something else than was announced, and the asset that waited for it. */
export async function endSpoilt(db: Database, id: string): Promise<void> {
  await db.transaction().execute((trx) => endForNothing(trx, { id, asset_id: id }, 'checksum_mismatch'))
}

async function endForNothing(trx: Trx, upload: Pick<Upload, 'id' | 'asset_id'>, code: ErrorCode): Promise<void> {
  const ended = await endUpload(trx, { id: upload.id, status: 'gone' })
  if (ended === undefined || upload.asset_id === null) return
  const reason = { code, message: errorCodes[code].title, retryable: false, taskId: null }
  await failAsset(trx, { id: upload.asset_id, generation: 1 }, reason)
}
