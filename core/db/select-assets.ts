import { type SelectQueryBuilder, sql } from 'kysely'
import type { AssetKind, AssetStatus } from '../asset.ts'
import { pipelineVersion } from '../media/pipeline-version.ts'
import type { Database } from './open.ts'
import type { Tables } from './schema.ts'

/** Which assets an operator means, of all tenants or of one. Nothing said: all that are there. */
export type Selection = {
  tenant?: string | undefined
  kind?: AssetKind | undefined
  status?: AssetStatus[] | undefined
  profile?: string | undefined
  externalId?: string | undefined
  createdAfter?: string | undefined
  createdBefore?: string | undefined
  ids?: string[] | undefined
  /** Whose served generation was made by an older pipeline than this one. */
  olderPipeline?: boolean | undefined
  /** Of those that failed, with this code. */
  code?: string | undefined
}

/** The selection as a query, for a statement to count, to show, or to take into a batch. */
export function selected(db: Database, wish: Selection): SelectQueryBuilder<Tables, 'assets', object> {
  let query = db.selectFrom('assets').where('deleted_at', 'is', null)
  if (wish.tenant !== undefined) query = query.where('tenant', '=', wish.tenant)
  if (wish.kind !== undefined) query = query.where('kind', '=', wish.kind)
  if (wish.status !== undefined) query = query.where('status', 'in', wish.status)
  if (wish.profile !== undefined) query = query.where('profile', '=', wish.profile)
  if (wish.externalId !== undefined) query = query.where('external_id', '=', wish.externalId)
  if (wish.createdAfter !== undefined) query = query.where('created_at', '>', new Date(wish.createdAfter))
  if (wish.createdBefore !== undefined) query = query.where('created_at', '<', new Date(wish.createdBefore))
  if (wish.ids !== undefined) query = query.where(sql<boolean>`id = any(${wish.ids}::uuid[])`)
  // Whoever names one hears why it cannot be made anew; of many, these are not meant.
  else query = query.where('source_dropped_at', 'is', null)
  if (wish.code !== undefined) query = query.where(sql<boolean>`error->>'code' = ${wish.code}`)
  if (wish.olderPipeline)
    query = query.where(sql<boolean>`ready_at IS NOT NULL AND (pipeline IS NULL OR pipeline < ${pipelineVersion})`)
  return query
}

export type Counted = { kind: AssetKind | null; assets: number; seconds: number; bytes: number }

/** How many, how long they play in all, and how much their generations take of storage, by kind. The newest so many, where that is said. */
export async function countSelected(db: Database, wish: Selection, limit?: number): Promise<Counted[]> {
  const page = selected(db, wish).select(['id', 'kind', 'generation', 'media']).orderBy('id', 'desc')
  const rows = await db
    .with('chosen', () => (limit === undefined ? page : page.limit(limit)))
    .selectFrom('chosen')
    .select([
      'kind',
      sql<number>`count(*)`.as('assets'),
      sql<number>`coalesce(sum((media->>'duration')::float8), 0)::float8`.as('seconds'),
      sql<number>`coalesce(sum((SELECT sum(bytes) FROM outputs WHERE asset_id = chosen.id
        AND outputs.generation = chosen.generation AND role NOT IN ('hls', 'dash'))), 0)::float8`.as('bytes'),
    ])
    .groupBy('kind')
    .orderBy('kind')
    .execute()
  return rows.map((row) => ({ ...row, assets: Number(row.assets) }))
}
