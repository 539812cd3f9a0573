import { sql } from 'kysely'
import type { AssetStatus } from '../asset.ts'
import { type Batch, countItems, openBatches } from './batches.ts'
import type { Database } from './open.ts'
import { countPoisoned } from './task-recovery.ts'
import { livingWorkers } from './workers.ts'

export type QueueState = { queue: string; waiting: number; running: number; oldestSeconds: number | null }

/** The house at a glance, for an operator. */
export async function houseStatus(db: Database) {
  const [assets, queues, workers, poisoned, batches] = await Promise.all([
    assetsByStatus(db),
    queueStates(db),
    livingWorkers(db),
    countPoisoned(db),
    openBatches(db),
  ])
  const withCounts = async (batch: Batch) => ({
    ...{ id: batch.id, status: batch.status, createdAt: batch.created_at.toISOString() },
    items: await countItems(db, batch.id),
  })
  return { assets, queues, workers, poisoned, batches: await Promise.all(batches.map(withCounts)) }
}

async function assetsByStatus(db: Database): Promise<{ status: AssetStatus; assets: number }[]> {
  return db
    .selectFrom('assets')
    .select(['status', sql<number>`count(*)::int`.as('assets')])
    .where('deleted_at', 'is', null)
    .groupBy('status')
    .orderBy('status')
    .execute()
}

async function queueStates(db: Database): Promise<QueueState[]> {
  return db
    .selectFrom('tasks')
    .select([
      'queue',
      sql<number>`count(*) FILTER (WHERE status = 'pending')::int`.as('waiting'),
      sql<number>`count(*) FILTER (WHERE status = 'running')::int`.as('running'),
      sql<
        number | null
      >`extract(epoch FROM now() - min(run_after) FILTER (WHERE status = 'pending' AND run_after <= now()))::float8`.as(
        'oldestSeconds',
      ),
    ])
    .where('status', 'in', ['pending', 'running'])
    .groupBy('queue')
    .orderBy('queue')
    .execute()
}
