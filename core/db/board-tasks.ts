import { sql } from 'kysely'
import type { Database } from './open.ts'

/** Of how many pieces a task is one; only kinds that come in numbered pieces are counted. */
type Pieces = { asset_id: string; generation: number; pieces: number }

/** What an operator wants to know of tasks: those asked for, never all, each with its asset and with how many pieces there are. */
export async function boardTasks(db: Database, ids: string[]) {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('tasks')
    .innerJoin('assets', 'assets.id', 'tasks.asset_id')
    .select([
      'tasks.id',
      'tasks.asset_id',
      'tasks.key',
      'tasks.generation',
      'tasks.status',
      'tasks.attempt',
      'tasks.failures',
      'tasks.crashes',
      'tasks.worker',
      'tasks.progress',
      'tasks.error',
      'tasks.run_after',
      'assets.tenant',
      'assets.kind',
      'assets.status as asset_status',
      'assets.source_filename',
      'assets.source_url',
      'assets.deleted_at',
    ])
    .where('tasks.id', 'in', ids)
    .execute()
  const counted = await countPieces(
    db,
    rows.map((row) => row.asset_id),
  )
  return rows.map((row) => ({
    ...row,
    pieces: counted.find((one) => one.asset_id === row.asset_id && one.generation === row.generation)?.pieces,
  }))
}

export type BoardTask = Awaited<ReturnType<typeof boardTasks>>[number]

async function countPieces(db: Database, assetIds: string[]): Promise<Pieces[]> {
  if (assetIds.length === 0) return []
  return db
    .selectFrom('tasks')
    .select(['asset_id', 'generation', sql<number>`count(*)::int`.as('pieces')])
    .where('asset_id', 'in', [...new Set(assetIds)])
    .where('key', 'like', 'encode:%')
    .groupBy(['asset_id', 'generation'])
    .execute()
}
