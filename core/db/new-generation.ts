import { sql } from 'kysely'
import type { Cause, NewSource } from '../accept.ts'
import { SluiceError } from '../errors.ts'
import { newId } from '../ids.ts'
import { queuePriority, type WorkPriority } from '../task-kinds.ts'
import { type Asset, noAsset } from './assets.ts'
import { factsNow } from './other-facts.ts'
import { insertTasks, type Reminder, type Trx } from './tasks.ts'
import { findUpload, piecesOf } from './uploads.ts'

export type Wanted = {
  id: string
  tenant: string
  profile?: string | undefined
  /** For work that nobody waits for; else the asset's own counts. */
  priority?: WorkPriority | undefined
  /** What asks: asked again by the same, nothing more is begun. */
  request?: string | undefined
  /** Of the request that asks, where one does. */
  cause?: Cause | undefined
  /** Of media that lies elsewhere: as it is there now. */
  object?: Extract<NewSource, { type: 'object' }> | undefined
}

export type Begun = { asset: Asset; reminders: Reminder[] }

/**
 * Begins another generation of an asset that has come to its end. What was ready is served until the new one is; one that
 * never was shows the new one as it grows. Of two that ask at once one gets `conflict`.
 */
export async function beginGeneration(trx: Trx, wanted: Wanted): Promise<Begun> {
  const { request = newId() } = wanted
  const before = await hold(trx, wanted)
  if (await wasBegunBy(trx, { id: before.id, request })) return { asset: before, reminders: [] }
  if (before.status === 'waiting' || before.status === 'queued' || before.status === 'processing')
    throw new SluiceError('conflict', {
      message: `asset ${before.id} is ${before.status}`,
      publicMessage: `It is being worked on already: it is ${before.status}.`,
    })
  const key = await firstStep(trx, before)
  const target = before.target_generation + 1
  const served = before.ready_at !== null
  const { object } = wanted
  const asset = await trx
    .updateTable('assets')
    .set({
      ...{ status: 'queued', target_generation: target, error: null, updated_at: sql<Date>`now()` },
      ...(wanted.cause && { request_id: wanted.cause.requestId, traceparent: wanted.cause.traceparent ?? null }),
      ...(wanted.profile !== undefined && { profile: wanted.profile }),
      ...(served
        ? { served_profile: before.profile, other_facts: factsNow }
        : { generation: target, playable: false, playable_at: null }),
      ...(object &&
        object.version !== before.source_version && {
          ...{ source_version: object.version, source_sha256: null },
          ...{ source_bytes: object.bytes, source_received: object.bytes },
        }),
    })
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  const queue = queuePriority({ priority: wanted.priority ?? asset.priority })
  const task = { assetId: asset.id, generation: target, key, params: { request }, queuePriority: queue }
  return { asset, reminders: await insertTasks(trx, [{ ...task, neededBy: asset.source_expires_at }]) }
}

/** From here on nobody else ends, deletes or begins anything of it. */
async function hold(trx: Trx, { id, tenant }: Wanted): Promise<Asset> {
  const asset = await trx
    .selectFrom('assets')
    .selectAll()
    .where('id', '=', id)
    .where('tenant', '=', tenant)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (asset !== undefined) return asset
  throw noAsset(id)
}

/** A caller whose answer was lost asks under the same id. */
async function wasBegunBy(trx: Trx, { id, request }: { id: string; request: string }): Promise<boolean> {
  const row = await trx
    .selectFrom('tasks')
    .select('id')
    .where('asset_id', '=', id)
    .where('generation', '>', 1)
    .where(sql<boolean>`params->>'request' = ${request}`)
    .executeTakeFirst()
  return row !== undefined
}

/** The original is read again where it was kept. What never came whole is asked for once more, or put together once more. */
async function firstStep(trx: Trx, asset: Asset): Promise<'inspect' | 'fetch' | 'seal'> {
  if (asset.source_key !== null || asset.source_object !== null) return 'inspect'
  if (asset.source_url !== null && asset.received_at === null) return 'fetch'
  if (asset.source_type === 'upload' && (await findUpload(trx, asset))?.status === 'done') {
    if ((await piecesOf(trx, asset.id)).length > 0) return 'seal'
  }
  throw new SluiceError('source_gone', { message: `asset ${asset.id} has no source` })
}
