import { sql } from 'kysely'
import { failAsset } from './assets.ts'
import type { Database } from './open.ts'
import { lockAsset } from './task-run.ts'
import { insertTasks, type Reminder, type Trx } from './tasks.ts'

/** Where a search through all unfinished assets stopped, to go on from there. */
export type Place = { updated_at: string; id: string }
type Stuck = { id: string; target_generation: number }

const beginning: Place = { updated_at: '-infinity', id: '00000000-0000-0000-0000-000000000000' }

/** Nothing that is to be done brings it further, and no upload either. */
const nothingAhead = sql<boolean>`
  NOT EXISTS (SELECT FROM tasks WHERE tasks.asset_id = assets.id AND tasks.generation = assets.target_generation
    AND tasks.status IN ('pending', 'running') AND tasks.key NOT LIKE 'purge%' AND tasks.key <> 'digest')
  AND NOT EXISTS (SELECT FROM uploads WHERE uploads.asset_id = assets.id AND uploads.status = 'open')`

/** Among the next unfinished assets, those that nothing brings further. A bounded number of rows a turn, however long the backlog is. */
export async function stuckAssets(
  db: Database,
  { quietMs, limit, from = beginning }: { quietMs: number; limit: number; from?: Place | undefined },
): Promise<{ stuck: Stuck[]; next: Place | undefined }> {
  const rows = await db
    .with('page', (qb) =>
      qb
        .selectFrom('assets')
        .select(['id', 'updated_at', 'target_generation'])
        .where('deleted_at', 'is', null)
        .where(sql<boolean>`status IN ('waiting', 'queued', 'processing')`)
        .where(sql<boolean>`(updated_at, id) > (${from.updated_at}::timestamptz, ${from.id}::uuid)`)
        .where('updated_at', '<', sql<Date>`now() - ${quietMs} * interval '1 millisecond'`)
        .orderBy('updated_at')
        .orderBy('id')
        .limit(limit),
    )
    .selectFrom('page as assets')
    .select(['id', 'target_generation', sql<string>`updated_at::text`.as('updated_at'), nothingAhead.as('stuck')])
    .orderBy('assets.updated_at')
    .orderBy('assets.id')
    .execute()
  const last = rows.at(-1)
  const next = rows.length === limit && last ? { updated_at: last.updated_at, id: last.id } : undefined
  return { stuck: rows.filter(({ stuck }) => stuck), next }
}

/**
 * Gets an asset out of a state that nothing leads out of. What is made may be all there is to make: a last look publishes
 * it. Where that was tried, it fails: nobody waits for it for ever.
 */
export async function unstick(
  db: Database,
  { id }: Stuck,
): Promise<{ how: 'looked' | 'failed'; reminders: Reminder[] } | undefined> {
  return db.transaction().execute(async (trx) => {
    await lockAsset(trx, id)
    const asset = await stillStuck(trx, id)
    if (asset === undefined) return undefined
    const look = { assetId: id, generation: asset.target_generation, key: 'publish:last-look', params: {}, weight: 0 }
    const reminders = asset.planned ? await insertTasks(trx, [{ ...look, queuePriority: 1 }]) : []
    if (reminders.length > 0) return { how: 'looked', reminders }
    const code = asset.status === 'waiting' ? 'upload_expired' : 'internal'
    const message = 'Its work ended without a result.'
    const reason = { code, message, retryable: true, taskId: null }
    await failAsset(trx, { id, generation: asset.target_generation }, reason)
    return { how: 'failed', reminders: [] }
  })
}

async function stillStuck(trx: Trx, id: string) {
  return trx
    .selectFrom('assets')
    .select(['status', 'target_generation'])
    .select(
      sql<boolean>`EXISTS (SELECT FROM tasks WHERE tasks.asset_id = assets.id AND tasks.generation = assets.target_generation
        AND tasks.key = 'inspect' AND tasks.status = 'done')`.as('planned'),
    )
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .where('status', 'in', ['waiting', 'queued', 'processing'])
    .where(nothingAhead)
    .executeTakeFirst()
}
