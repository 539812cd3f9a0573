import { sql } from 'kysely'
import type { Database } from './open.ts'

export type WebhookBacklog = { lanes: number; lagSeconds: number; failing: number; disabled: number }

/** What webhooks wait for: so far as the newest `most` endpoints and lanes say, which bounds what is read. */
export async function webhookBacklog(db: Database, { most }: { most: number }): Promise<WebhookBacklog> {
  const { rows } = await sql<WebhookBacklog>`
    WITH ends AS MATERIALIZED (
      SELECT id, failing_since, disabled_at FROM webhooks ORDER BY id DESC LIMIT ${most}
    )
    SELECT (SELECT count(*)::float8 FROM (SELECT FROM delivery_lanes LIMIT ${most}) AS waiting) AS lanes,
      count(*) FILTER (WHERE failing_since IS NOT NULL AND disabled_at IS NULL)::float8 AS failing,
      count(*) FILTER (WHERE disabled_at IS NOT NULL)::float8 AS disabled,
      greatest(0, coalesce(extract(epoch FROM now() - min(first.next_at)), 0))::float8 AS "lagSeconds"
    FROM ends LEFT JOIN LATERAL (
      SELECT next_at FROM delivery_lanes WHERE webhook_id = ends.id AND ends.disabled_at IS NULL ORDER BY next_at LIMIT 1
    ) AS first ON true`.execute(db)
  return rows[0] ?? { lanes: 0, lagSeconds: 0, failing: 0, disabled: 0 }
}
