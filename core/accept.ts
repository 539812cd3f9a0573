import { type Insertable, sql } from 'kysely'
import type { AssetKind, Priority, Visibility } from './asset.ts'
import { type Asset, findByExternalId, findMade, insertAsset } from './db/assets.ts'
import { insertEvent } from './db/events.ts'
import type { Database } from './db/open.ts'
import { checkQuotas, type Quotas } from './db/quotas.ts'
import type { AssetsTable, JsonObject } from './db/schema.ts'
import { insertTasks, type Reminder, type Trx } from './db/tasks.ts'
import { claimUploadToken } from './db/upload-tokens.ts'
import { SluiceError } from './errors.ts'
import { newId } from './ids.ts'
import type { Profiles } from './media/profiles.ts'
import { urlExpiry } from './net/url-expiry.ts'
import { queuePriority } from './task-kinds.ts'
import { checkWebhookUrl } from './webhook-address.ts'

export type NewSource =
  | { type: 'url'; url: string; filename?: string | undefined }
  | { type: 'upload'; key: string; bytes: number; sha256: string; filename?: string | undefined }
  /** Media that stays where it lies, in the version that was seen there. */
  | { type: 'object'; object: string; version: string; bytes: number; filename?: string | undefined }
  /** Bytes that are still to come, in several requests; how many, where the client said so. */
  | { type: 'awaited'; bytes: number | undefined; filename?: string | undefined }

export type NewAsset = {
  /** Chosen beforehand where bytes had to be stored under it. */
  id?: string
  tenant: string
  kind?: AssetKind | undefined
  profile?: string | undefined
  externalId?: string | undefined
  metadata?: JsonObject | undefined
  priority?: Priority | undefined
  visibility?: Visibility | undefined
  webhookUrl?: string | undefined
  /** The upload token that allows it: used up by it, and it binds what the bytes may turn out to be. */
  token?: { id: string; accept: string[] | undefined } | undefined
  /** The request that makes it. */
  cause?: Cause | undefined
  source: NewSource
}

/** Of the request that set work going: what the lines and the spans of its tasks bear. */
export type Cause = { requestId: string; traceparent: string | undefined }

/** `created` is false when the id or the tenant's external id stood for an asset already: that one is given back, and nothing was written. */
export type Accepted = { asset: Asset; created: boolean; reminders: Reminder[] }

/** What else is written in the transaction of an asset that is new. */
export type Also = (trx: Trx, asset: Asset) => Promise<void>

/** As much of a house as accepting takes. */
export type AcceptingHouse = {
  db: Database
  config: { profiles: Profiles; FETCH_ALLOW: readonly string[] } & Quotas
}

/**
 * Bytes that are safe, an address, or the promise of bytes become an asset, its first task and its events, all in one
 * transaction, with whatever else belongs to it. Push the reminders after it.
 */
export async function acceptAsset({ db, config }: AcceptingHouse, input: NewAsset, also?: Also): Promise<Accepted> {
  checkProfile(input.profile, config.profiles)
  if (input.webhookUrl !== undefined)
    checkWebhookUrl(input.webhookUrl, { field: 'webhookUrl', allow: config.FETCH_ALLOW })
  const id = input.id ?? newId()
  return db.transaction().execute(async (trx) => {
    const { asset, created } = await insertOrFind(trx, {
      id,
      tenant: input.tenant,
      kind: input.kind ?? null,
      status: input.source.type === 'awaited' ? 'waiting' : 'queued',
      profile: input.profile ?? 'default',
      external_id: input.externalId ?? null,
      metadata: JSON.stringify(input.metadata ?? {}),
      priority: input.priority ?? 'normal',
      visibility: input.visibility ?? 'public',
      webhook_url: input.webhookUrl ?? null,
      accept: input.token?.accept ?? null,
      request_id: input.cause?.requestId ?? null,
      traceparent: input.cause?.traceparent ?? null,
      source_type: input.source.type === 'awaited' ? 'upload' : input.source.type,
      source_filename: input.source.filename ?? null,
      ...sourceColumns(input.source),
    })
    if (!created) return { asset, created, reminders: [] }
    if (input.token !== undefined) await claimUploadToken(trx, { id: input.token.id, assetId: asset.id })
    await insertEvent(trx, { asset, type: 'asset.created' })
    await also?.(trx, asset)
    const reminders = await firstTasks(trx, asset, input.source)
    await checkQuotas(trx, { tenant: asset.tenant, quotas: config, newAsset: true })
    return { asset, created: true, reminders }
  })
}

export type Arrived = {
  bytes: number
  /** Where they lie as one object; where they lie in pieces, a task makes one of them first. */
  key?: string
  /** Whether they are still to be held to what the client said of them. */
  unchecked?: boolean
  /** Where it was reckoned while they came; else a task does so later. */
  sha256?: string | undefined
  /** Of the request that brought the last of them; without one what is known of the beginning stays. */
  cause?: Cause | undefined
}

/**
 * The last byte of an awaited asset is safe: its work begins. Undefined when it waits no more, for it was cancelled,
 * deleted, or finished by another already.
 */
export async function bytesArrived(
  trx: Trx,
  assetId: string,
  arrived: Arrived,
): Promise<{ asset: Asset; reminders: Reminder[] } | undefined> {
  const asset = await trx
    .updateTable('assets')
    .set({
      status: 'queued',
      source_key: arrived.key ?? null,
      source_bytes: arrived.bytes,
      source_received: arrived.bytes,
      source_sha256: arrived.sha256 ?? null,
      ...(arrived.cause && { request_id: arrived.cause.requestId, traceparent: arrived.cause.traceparent ?? null }),
      received_at: sql<Date>`now()`,
      updated_at: sql`now()`,
    })
    .where('id', '=', assetId)
    .where('status', '=', 'waiting')
    .where('deleted_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (asset === undefined) return undefined
  await insertEvent(trx, { asset, type: 'asset.uploaded', payload: { bytes: arrived.bytes } })
  return {
    asset,
    reminders: await firstTask(trx, asset, arrived.key === undefined || arrived.unchecked ? 'seal' : 'inspect'),
  }
}

/** What begins at once: nothing where the bytes are still to come. */
async function firstTasks(trx: Trx, asset: Asset, { type }: NewSource): Promise<Reminder[]> {
  if (type === 'awaited') return []
  if (type === 'url') return firstTask(trx, asset, 'fetch')
  await insertEvent(trx, { asset, type: 'asset.uploaded', payload: { bytes: asset.source_bytes } })
  return firstTask(trx, asset, 'inspect')
}

async function firstTask(trx: Trx, asset: Asset, key: 'fetch' | 'seal' | 'inspect'): Promise<Reminder[]> {
  const task = {
    assetId: asset.id,
    generation: asset.target_generation,
    key,
    params: {},
    queuePriority: queuePriority({ priority: asset.priority }),
    neededBy: asset.source_expires_at,
  }
  return insertTasks(trx, [task])
}

export function checkProfile(name: string | undefined, profiles: Profiles): void {
  if (name === undefined || profiles.has(name)) return
  const message = `there is no profile "${name}"; there are ${[...profiles.keys()].join(', ')}`
  throw new SluiceError('invalid_request', { message, publicMessage: message, errors: [{ path: 'profile', message }] })
}

function sourceColumns(source: NewSource) {
  const unknown = { source_key: null, source_bytes: null, source_mime: null, source_sha256: null }
  if (source.type === 'url') {
    const url = URL.parse(source.url)
    return { ...unknown, source_url: source.url, source_expires_at: (url && urlExpiry(url)) ?? null }
  }
  if (source.type === 'awaited') return { ...unknown, source_url: null, source_bytes: source.bytes ?? null }
  const here = { source_bytes: source.bytes, source_received: source.bytes, received_at: new Date() }
  if (source.type === 'object')
    return { ...unknown, ...here, source_url: null, source_object: source.object, source_version: source.version }
  return { ...unknown, ...here, source_url: null, source_key: source.key, source_sha256: source.sha256 }
}

/** The one that was there may be deleted between two looks; then the way is free, and each round somebody has got ahead. */
const rounds = 100

async function insertOrFind(trx: Trx, row: Insertable<AssetsTable>): Promise<{ asset: Asset; created: boolean }> {
  const named = { tenant: row.tenant, externalId: row.external_id ?? null }
  for (let round = 0; round < rounds; round++) {
    const made = await insertAsset(trx, row)
    if (made !== undefined) return { asset: made, created: true }
    const before = (await findMade(trx, row)) ?? (await findByExternalId(trx, named))
    if (before !== undefined) return { asset: before, created: false }
  }
  throw new SluiceError('unavailable', { message: `asset ${row.id} comes and goes`, retryAfterMs: 1_000 })
}
