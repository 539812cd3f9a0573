import { type Insertable, type Selectable, sql } from 'kysely'
import { type AssetKind, type AssetStatus, statesBefore } from '../asset.ts'
import { SluiceError } from '../errors.ts'
import { earliestId } from '../ids.ts'
import { pipelineVersion } from '../media/pipeline-version.ts'
import { insertEvent } from './events.ts'
import type { Database } from './open.ts'
import { swapFacts } from './other-facts.ts'
import type { AssetError, AssetsTable } from './schema.ts'
import type { Trx } from './tasks.ts'

export type Asset = Selectable<AssetsTable>

export async function insertAsset(trx: Trx, asset: Insertable<AssetsTable>): Promise<Asset | undefined> {
  return trx
    .insertInto('assets')
    .values(asset)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
}

/** An asset that its tenant may see; deleted ones are hidden from the moment of deletion. */
export async function findAsset(
  db: Database | Trx,
  { id, tenant }: { id: string; tenant: string },
): Promise<Asset | undefined> {
  return db
    .selectFrom('assets')
    .selectAll()
    .where('id', '=', id)
    .where('tenant', '=', tenant)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

/** What whoever asks for one that is not there is told; another tenant's is as absent as one that never was. */
export const noAsset = (id: string) =>
  new SluiceError('not_found', { message: `no asset ${id}`, publicMessage: 'There is no asset with this id.' })

/** An asset of this id, deleted since or not: what was made once is not made again. */
export async function findMade(db: Trx, { id, tenant }: { id: string; tenant: string }): Promise<Asset | undefined> {
  return db.selectFrom('assets').selectAll().where('id', '=', id).where('tenant', '=', tenant).executeTakeFirst()
}

export async function findByExternalId(
  db: Database | Trx,
  key: { externalId: string | null; tenant: string },
): Promise<Asset | undefined> {
  if (key.externalId === null) return undefined
  return db
    .selectFrom('assets')
    .selectAll()
    .where('external_id', '=', key.externalId)
    .where('tenant', '=', key.tenant)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

export type AssetFilter = {
  tenant: string
  status?: AssetStatus | undefined
  kind?: string | undefined
  externalId?: string | undefined
  createdAfter?: Date | undefined
  createdBefore?: Date | undefined
  /** The id of the last asset of the page before. */
  after?: string | undefined
  limit: number
}

/** An id is chosen up to a day before its asset is written (by an earlier try under its Idempotency-Key), and clocks differ. */
const idsComeEarlierMs = 25 * 3_600_000
const clocksDifferMs = 3_600_000

/**
 * Newest first; ids sort by time, so one index serves the page, however many there are. A time is asked of the ids too, with
 * room: they bound how far the index is read.
 */
export async function listAssets(db: Database, filter: AssetFilter): Promise<Asset[]> {
  let query = db.selectFrom('assets').selectAll().where('tenant', '=', filter.tenant).where('deleted_at', 'is', null)
  if (filter.status) query = query.where('status', '=', filter.status)
  if (filter.kind) query = query.where('kind', '=', filter.kind as NonNullable<Asset['kind']>)
  if (filter.externalId !== undefined) query = query.where('external_id', '=', filter.externalId)
  const { createdAfter, createdBefore } = filter
  if (createdAfter)
    query = query
      .where('created_at', '>', createdAfter)
      .where('id', '>', earliestId(createdAfter.getTime() - idsComeEarlierMs))
  if (createdBefore)
    query = query
      .where('created_at', '<', createdBefore)
      .where('id', '<', earliestId(createdBefore.getTime() + clocksDifferMs))
  if (filter.after) query = query.where('id', '<', filter.after)
  return query.orderBy('id', 'desc').limit(filter.limit).execute()
}

/** Moves an asset along a legal way, and says whether it did: `false` means it was not in a state that leads there. */
export async function moveAsset(
  trx: Trx,
  asset: { id: string; generation: number },
  to: AssetStatus,
  change: Partial<Pick<Asset, 'kind' | 'playable'>> & { media?: string; placeholder?: string } = {},
): Promise<Asset | undefined> {
  return trx
    .updateTable('assets')
    .set({
      status: to,
      updated_at: sql`now()`,
      ...change,
      ...(to === 'processing' ? { started_at: sql<Date>`coalesce(started_at, now())`, error: null } : {}),
    })
    .where('id', '=', asset.id)
    .where('target_generation', '=', asset.generation)
    .where('status', 'in', statesBefore(to))
    .where('deleted_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
}

/** Whether this generation is still in the making. Asked in a transaction that holds the asset's row, it stays so. */
export async function isBeingMade(trx: Trx, asset: { id: string; generation: number }): Promise<boolean> {
  const row = await trx
    .selectFrom('assets')
    .select('id')
    .where('id', '=', asset.id)
    .where('target_generation', '=', asset.generation)
    .where('status', '=', 'processing')
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

/** How long it took from the last byte of a source until there was something to show, and until all was there. */
export type Milestone = { what: 'playable' | 'ready'; kind: AssetKind; seconds: number }

/** Of later generations the source lay there long before, so they say nothing. */
const secondsUntil = (at: 'playable_at' | 'ready_at') =>
  sql<number | null>`CASE WHEN target_generation = 1 THEN extract(epoch FROM ${sql.ref(at)} - received_at)::float8 END`

/** A viewer can start. Happens once a generation; said once. */
export async function markPlayable(trx: Trx, asset: { id: string; tenant: string }): Promise<Milestone[]> {
  const row = await trx
    .updateTable('assets')
    .set({ playable: true, playable_at: sql`now()`, updated_at: sql`now()` })
    .where('id', '=', asset.id)
    .where('playable', '=', false)
    .returning(['kind', secondsUntil('playable_at').as('seconds')])
    .executeTakeFirst()
  if (row === undefined) return []
  await insertEvent(trx, { asset, type: 'asset.playable' })
  return milestone('playable', row)
}

const milestone = (what: Milestone['what'], { kind, seconds }: { kind: AssetKind | null; seconds: number | null }) =>
  kind === null || seconds === null ? [] : [{ what, kind, seconds }]

/** The flip: readers see the new generation whole from this commit on. Undefined when another run has flipped already. */
export async function flipToReady(
  trx: Trx,
  asset: { id: string; tenant: string; generation: number },
): Promise<Milestone[] | undefined> {
  const shown = await markPlayable(trx, asset)
  const row = await trx
    .updateTable('assets')
    .set({
      ...{
        status: 'ready',
        generation: asset.generation,
        ...{ served_profile: null, other_facts: null },
        pipeline: pipelineVersion,
        error: null,
      },
      // When it could first be relied on: what is made anew was there all along.
      ...{ ready_at: sql<Date>`coalesce(ready_at, now())`, updated_at: sql<Date>`now()` },
    })
    .where('id', '=', asset.id)
    .where('target_generation', '=', asset.generation)
    .where('status', '=', 'processing')
    .where('deleted_at', 'is', null)
    .returning(['kind', secondsUntil('ready_at').as('seconds')])
    .executeTakeFirst()
  if (row === undefined) return undefined
  await insertEvent(trx, { asset, type: 'asset.ready', payload: { generation: asset.generation } })
  return [...shown, ...milestone('ready', row)]
}

/**
 * Where work that comes to nothing leaves an asset: readers of one that was ready before are served on as they were, so it
 * is ready again; nobody takes down what plays because making it anew failed.
 */
export const endedAs = (status: 'failed' | 'cancelled') => ({
  status: sql<AssetStatus>`CASE WHEN generation < target_generation THEN 'ready' ELSE ${status} END`,
  profile: sql<string>`coalesce(served_profile, profile)`,
  served_profile: null,
  ...swapFacts(),
  updated_at: sql<Date>`now()`,
})

/** Ends an asset with a reason, and whatever else was to be done for that generation with it. */
export async function failAsset(
  trx: Trx,
  asset: { id: string; generation: number },
  reason: AssetError,
): Promise<void> {
  const { code, message, retryable, taskId } = reason
  const error = JSON.stringify({ code, message, retryable, taskId })
  const row = await trx
    .updateTable('assets')
    .set({ ...endedAs('failed'), error })
    .where('id', '=', asset.id)
    .where('target_generation', '=', asset.generation)
    .where('status', 'in', statesBefore('failed'))
    .returning(['id', 'tenant', 'status', 'generation'])
    .executeTakeFirst()
  if (row === undefined) return
  await stopTasks(trx, asset)
  const said = row.status === 'ready' ? { type: 'asset.ready' as const, generation: row.generation } : undefined
  const { type, ...served } = said ?? { type: 'asset.failed' as const }
  await insertEvent(trx, { asset: row, type, payload: { ...served, code, message } })
}

/** Whoever runs one of these learns of it at the next heartbeat, and stops. */
export async function stopTasks(trx: Trx, asset: { id: string; generation: number }): Promise<void> {
  await trx
    .updateTable('tasks')
    .set({ status: 'cancelled', lease_until: null, finished_at: sql`now()` })
    .where('asset_id', '=', asset.id)
    .where('generation', '=', asset.generation)
    .where('status', 'in', ['pending', 'running'])
    .where('key', 'not like', 'purge%')
    .execute()
}
