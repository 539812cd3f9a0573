import { sql } from 'kysely'
import { kindOf, taskKinds } from '../task-kinds.ts'
import type { Asset } from './assets.ts'
import type { Database } from './open.ts'

/** Every time that an asset was made, newest first. How one ended that was superseded is told by its tasks. */
export async function generationsOf(db: Database, asset: Asset) {
  const rows = await db
    .selectFrom('tasks')
    .select([
      'generation',
      sql<Date>`min(created_at)`.as('created_at'),
      sql<Date | null>`max(finished_at)`.as('finished_at'),
      sql<number>`count(*)::int`.as('tasks'),
      sql<string[]>`coalesce(array_agg(key) FILTER (WHERE status = 'failed'), '{}')`.as('failed'),
      sql<boolean>`bool_or(status = 'cancelled')`.as('cancelled'),
    ])
    .where('asset_id', '=', asset.id)
    .groupBy('generation')
    .orderBy('generation', 'desc')
    .limit(100)
    .execute()
  return rows.map(({ failed, cancelled, ...row }) => ({
    ...row,
    status: row.generation === asset.target_generation ? asset.status : endOf({ failed, cancelled }),
  }))
}

function endOf({ failed, cancelled }: { failed: string[]; cancelled: boolean }) {
  const counts = (key: string) => {
    const kind = kindOf(key)
    return kind === undefined || taskKinds[kind].failsAsset
  }
  if (failed.some(counts)) return 'failed' as const
  return cancelled ? ('cancelled' as const) : ('ready' as const)
}
