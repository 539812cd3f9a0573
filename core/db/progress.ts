import { sql } from 'kysely'
import type { Database } from './open.ts'

/** How much of each asset's planned work is done, 0 to 1, by the weights of its tasks. Assets without tasks are not in it. */
export async function workDone(db: Database, assetIds: string[]): Promise<Map<string, number>> {
  if (assetIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('tasks')
    .innerJoin('assets', (join) =>
      join.onRef('assets.id', '=', 'tasks.asset_id').onRef('assets.target_generation', '=', 'tasks.generation'),
    )
    .select(['tasks.asset_id', sql<number>`sum(weight * tasks.progress) / nullif(sum(weight), 0)`.as('done')])
    .where('tasks.asset_id', 'in', assetIds)
    .groupBy('tasks.asset_id')
    .execute()
  return new Map(rows.map((row) => [row.asset_id, row.done ?? 0]))
}
