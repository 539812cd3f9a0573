import type { AssetKind, Priority, Visibility } from './asset.ts'
import { type Asset, findByExternalId, insertAsset } from './db/assets.ts'
import { insertEvent } from './db/events.ts'
import type { Database } from './db/open.ts'
import type { JsonObject } from './db/schema.ts'
import { insertTasks, type Reminder } from './db/tasks.ts'
import { SluiceError } from './errors.ts'
import { newId } from './ids.ts'
import type { Profiles } from './media/profiles.ts'
import { queuePriority } from './task-kinds.ts'

export type NewSource =
  | { type: 'url'; url: string; filename?: string | undefined }
  | { type: 'upload'; key: string; bytes: number; sha256: string; filename?: string | undefined }

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
  source: NewSource
}

/** `created` is false when the tenant's external id stood for an asset already: that one is given back, and nothing was written. */
export type Accepted = { asset: Asset; created: boolean; reminders: Reminder[] }

/** As much of a house as accepting takes. */
export type AcceptingHouse = { db: Database; config: { profiles: Profiles } }

/** Bytes that are safe, or an address, become an asset, its first task and its events: all in one transaction. Push the reminders after it. */
export async function acceptAsset({ db, config }: AcceptingHouse, input: NewAsset): Promise<Accepted> {
  checkProfile(input.profile, config.profiles)
  return db.transaction().execute(async (trx) => {
    const stored = input.source.type === 'upload'
    const asset = await insertAsset(trx, {
      id: input.id ?? newId(),
      tenant: input.tenant,
      kind: input.kind ?? null,
      status: 'queued',
      profile: input.profile ?? 'default',
      external_id: input.externalId ?? null,
      metadata: JSON.stringify(input.metadata ?? {}),
      priority: input.priority ?? 'normal',
      visibility: input.visibility ?? 'public',
      webhook_url: input.webhookUrl ?? null,
      source_type: input.source.type,
      source_filename: input.source.filename ?? null,
      ...sourceColumns(input.source),
    })
    if (asset === undefined) return { asset: await theOneBefore(trx, input), created: false, reminders: [] }
    await insertEvent(trx, { asset, type: 'asset.created' })
    if (stored) await insertEvent(trx, { asset, type: 'asset.uploaded', payload: { bytes: asset.source_bytes } })
    const reminders = await insertTasks(trx, [
      {
        assetId: asset.id,
        generation: asset.target_generation,
        key: stored ? 'inspect' : 'fetch',
        params: {},
        queuePriority: queuePriority({ priority: asset.priority }),
      },
    ])
    return { asset, created: true, reminders }
  })
}

function checkProfile(name: string | undefined, profiles: Profiles): void {
  if (name === undefined || profiles.has(name)) return
  const message = `there is no profile "${name}"; there are ${[...profiles.keys()].join(', ')}`
  throw new SluiceError('invalid_request', { message, publicMessage: message, errors: [{ path: 'profile', message }] })
}

function sourceColumns(source: NewSource) {
  if (source.type === 'url')
    return { source_url: source.url, source_key: null, source_bytes: null, source_mime: null, source_sha256: null }
  return {
    source_url: null,
    source_key: source.key,
    source_bytes: source.bytes,
    source_received: source.bytes,
    source_mime: null,
    source_sha256: source.sha256,
    received_at: new Date(),
  }
}

async function theOneBefore(trx: Database, input: NewAsset): Promise<Asset> {
  const asset =
    input.externalId === undefined
      ? undefined
      : await findByExternalId(trx, { externalId: input.externalId, tenant: input.tenant })
  if (asset === undefined) throw new Error(`asset ${input.id} was neither written nor there before`)
  return asset
}
