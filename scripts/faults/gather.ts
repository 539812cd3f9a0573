import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { createLogger } from '../../core/logger.ts'
import type { Storage } from '../../core/storage/storage.ts'
import { deleteOldChecks } from '../../workers/upkeep/old-checks.ts'
import { tidyAssets } from '../../workers/upkeep/tidy-assets.ts'
import { tidyUploads } from '../../workers/upkeep/uploads.ts'
import type { AssetFact, Facts } from './facts.ts'
import type { Entry } from './history.ts'
import type { FaultHouse } from './house.ts'
import { findLeaks } from './leaks.ts'
import { findLeft } from './left.ts'
import { endOfManner } from './origin.ts'
import type { SeedPlan } from './plan.ts'
import { lookAtAll } from './show.ts'

type Options = { house: FaultHouse; plan: SeedPlan; history: readonly Entry[] }

/** History, rows, the store's own listing and what viewers get, side by side. */
export async function gather({ house, plan, history }: Options): Promise<Facts> {
  const left = await findLeft(house)
  await takeBackGarbage(house)
  const assets = await assetsOf(house)
  const objects = await objectsOf(house.storage)
  return {
    history,
    items: plan.items.map(({ name, media, way, manner }) => ({
      ...{ name, media },
      comesTo: way === 'address' ? endOfManner(manner) : 'ready',
    })),
    assets,
    tasks: await tasksOf(house),
    events: await eventsOf(house),
    references: await referencesOf(house),
    objects,
    shown: await lookAtAll(house, assets),
    left,
    leaks: await findLeaks(house, plan),
  }
}

/** As upkeep does, but at once: a day after an asset's end, or after a form that came to nothing, or a try of the store that its process did not outlive. */
async function takeBackGarbage({ db, storage }: FaultHouse): Promise<void> {
  const log = createLogger({ level: 'silent', name: 'checker' })
  await sql`UPDATE uploads SET ended_at = now() - interval '1 s' WHERE status = 'gone' AND NOT taken_back`.execute(db)
  await tidyUploads({ db, storage, log })
  await tidyAssets({ db, storage, log }, { graceMs: 0 })
  await deleteOldChecks({ storage }, 0)
}

async function assetsOf({ db }: FaultHouse): Promise<AssetFact[]> {
  const rows = await db.selectFrom('assets').selectAll().orderBy('created_at').execute()
  return rows.map((row) => ({
    ...{ id: row.id, status: row.status, playable: row.playable, deleted: row.deleted_at !== null },
    item: String(row.metadata['item'] ?? ''),
    error: row.error?.code,
    bytes: row.source_bytes ?? undefined,
    sha256: row.source_sha256 ?? undefined,
  }))
}

async function tasksOf({ db }: FaultHouse): Promise<Facts['tasks']> {
  const rows = await db.selectFrom('tasks').selectAll().execute()
  return rows.map(({ id, asset_id, key, status, error }) => ({
    id,
    assetId: asset_id,
    key,
    status,
    error: error?.code,
  }))
}

async function eventsOf({ db }: FaultHouse): Promise<Facts['events']> {
  const rows = await db.selectFrom('events').selectAll().orderBy('sequence').execute()
  return rows.map(({ id, asset_id, type, payload }) => {
    const generation = payload['generation']
    return { id, assetId: asset_id, type, generation: typeof generation === 'number' ? generation : undefined }
  })
}

/** Of outputs, segments and sources alike. Keys of tracks are below their generation. */
async function referencesOf({ db }: FaultHouse): Promise<Facts['references']> {
  const { rows } = await sql<Facts['references'][number]>`
    WITH made AS (
      SELECT id, tenant || '/' || id || '/' || CASE visibility WHEN 'private' THEN 'p' ELSE 'g' END AS prefix FROM assets)
    SELECT asset_id AS "assetId", storage_key AS key, role AS of, sha256,
      CASE WHEN role NOT IN ('hls', 'dash', 'rendition') THEN bytes END AS bytes FROM outputs
    UNION ALL SELECT asset_id, prefix || generation || '/' || init_key, 'init', init_sha256, init_bytes
      FROM tracks JOIN made ON made.id = asset_id
    UNION ALL SELECT asset_id, prefix || generation || '/' || key, 'segment', null, bytes
      FROM segments JOIN made ON made.id = asset_id
    UNION ALL SELECT id, source_key, 'source', source_sha256, source_bytes FROM assets WHERE source_key IS NOT NULL
    UNION ALL SELECT upload_id, key, 'piece', null, bytes FROM upload_pieces`.execute(db)
  return rows.map((row) => ({
    ...{ assetId: row.assetId, key: row.key, of: row.of },
    bytes: row.bytes === null ? undefined : Number(row.bytes),
    // A list that grew is replaced without a word to its row.
    sha256: row.of === 'hls' || row.of === 'dash' ? undefined : (row.sha256 ?? undefined),
  }))
}

async function objectsOf(storage: Storage): Promise<Facts['objects']> {
  const objects: Facts['objects'][number][] = []
  for await (const { key, bytes } of storage.list('')) {
    const hash = createHash('sha256')
    for await (const chunk of await storage.get(key)) hash.update(chunk)
    objects.push({ key, bytes, sha256: hash.digest('hex') })
  }
  return objects
}
