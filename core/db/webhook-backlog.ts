import { sql } from 'kysely'
import { endpointsWaitedFor } from './delivery-lanes.ts'
import type { Database } from './open.ts'

export type WebhookBacklog = { lanes: number; lagSeconds: number; failing: number; disabled: number }

/**
 * What webhooks wait for, events that nobody has taken up among it. Of lanes, of endpoints that something waits for, and of those
 * that fail it looks at `most` each, and finds them by indexes: so much is read however many there are that nothing is wrong with.
 */
export async function webhookBacklog(db: Database, { most }: { most: number }): Promise<WebhookBacklog> {
  const { rows } = await sql<WebhookBacklog>`
    WITH RECURSIVE ${endpointsWaitedFor({ most })}, due AS (
      SELECT min(first.next_at) AS since FROM ends
      JOIN webhooks ON webhooks.id = ends.id AND webhooks.disabled_at IS NULL,
      LATERAL (SELECT next_at FROM delivery_lanes WHERE webhook_id = ends.id ORDER BY next_at LIMIT 1) AS first
    ), untaken AS (
      SELECT created_at AS since FROM events WHERE position IS NULL ORDER BY sequence LIMIT 1
    )
    SELECT (SELECT count(*)::float8 FROM (SELECT FROM delivery_lanes LIMIT ${most}) AS waiting) AS lanes,
      (SELECT count(*)::float8 FROM (
        SELECT FROM webhooks WHERE failing_since IS NOT NULL AND disabled_at IS NULL LIMIT ${most}) AS failing) AS failing,
      (SELECT count(*)::float8 FROM (
        SELECT FROM webhooks WHERE disabled_at IS NOT NULL AND deleted_at IS NULL LIMIT ${most}) AS disabled) AS disabled,
      greatest(0, extract(epoch FROM now() - least(due.since, (SELECT since FROM untaken))))::float8 AS "lagSeconds"
    FROM due`.execute(db)
  return rows[0] ?? { lanes: 0, lagSeconds: 0, failing: 0, disabled: 0 }
}
