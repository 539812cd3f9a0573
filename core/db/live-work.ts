import { sql } from 'kysely'
import { backfillRank, queueNames } from '../task-kinds.ts'
import type { Database } from './open.ts'

const lanes = queueNames.filter((name) => name !== 'upkeep' && name !== 'notify')

/** Whether something that somebody waits for is due or under way: whoever brings more work holds back then. Reads a row at best, never a backlog. */
export async function isLiveWork(db: Database): Promise<boolean> {
  const { rows } = await sql<{ live: boolean }>`
    SELECT EXISTS (
      SELECT FROM tasks WHERE status = 'running' AND lease_until > now()
        AND queue_priority < ${backfillRank} AND queue = any(${lanes}::text[])
    ) OR EXISTS (
      SELECT FROM unnest(${lanes}::text[]) AS lane (name)
      CROSS JOIN LATERAL (
        SELECT FROM tasks WHERE tasks.queue = lane.name AND status = 'pending' AND enqueued_at IS NULL
          AND queue_priority < ${backfillRank} AND run_after <= now() LIMIT 1
      ) AS unsent
    ) OR EXISTS (
      SELECT FROM unnest(${lanes}::text[]) AS lane (name)
      CROSS JOIN LATERAL (
        SELECT FROM tasks WHERE tasks.queue = lane.name AND status = 'pending' AND enqueued_at IS NOT NULL
          AND greatest(enqueued_at, run_after) <= now() AND queue_priority < ${backfillRank} LIMIT 1
      ) AS sent
    ) AS live`.execute(db)
  return rows[0]?.live === true
}
