import { sql } from 'kysely'
import type { Database } from './open.ts'

/** One run over a lane: what comes of it counts only while the lane is in this run. */
export type Lane = { webhook_id: string; asset_id: string; run: number }

/** Endpoints that are looked at in one round. */
const aRound = 256

const first = '00000000-0000-0000-0000-000000000000'

/** `new`: it has not proven itself, or takes its time. */
export type DueEndpoint = { id: string; state: 'good' | 'new' | 'bad' }
export type DueEndpoints = { due: DueEndpoint[]; end: string | undefined }

/**
 * The next endpoints after this one that something waits for, as `ends`, for a query WITH RECURSIVE. Goes from endpoint to endpoint
 * by the index, so that it reads no more where one of them has very much waiting.
 */
export const endpointsWaitedFor = ({ after = first, most }: { after?: string; most: number }) => sql`
  ends AS (
    (SELECT webhook_id AS id, 1 AS n FROM delivery_lanes WHERE webhook_id > ${after} ORDER BY webhook_id LIMIT 1)
    UNION ALL
    SELECT next.id, ends.n + 1 FROM ends, LATERAL (
      SELECT webhook_id AS id FROM delivery_lanes WHERE webhook_id > ends.id ORDER BY webhook_id LIMIT 1) AS next
    WHERE ends.n < ${most}
  )`

/** The next endpoints after this one that something waits for, and of them those that may be sent something now. `end` is where to go on. */
export async function dueEndpoints(
  db: Database,
  { after = first }: { after: string | undefined },
): Promise<DueEndpoints> {
  const { rows } = await sql<DueEndpoint & { due: boolean }>`
    WITH RECURSIVE ${endpointsWaitedFor({ after, most: aRound })}
    SELECT ends.id, CASE WHEN healthy THEN 'good' WHEN failures = 0 THEN 'new' ELSE 'bad' END AS state, webhooks.disabled_at IS NULL AND (
      SELECT next_at FROM delivery_lanes WHERE webhook_id = ends.id ORDER BY next_at LIMIT 1) <= now() AS due
    FROM ends JOIN webhooks ON webhooks.id = ends.id
    ORDER BY ends.id`.execute(db)
  return { due: rows.filter(({ due }) => due), end: rows.length < aRound ? undefined : rows.at(-1)?.id }
}

/** Takes lanes of an endpoint whose time has come, those first that have waited longest. They come round again after the lease, unless somebody says otherwise. */
export async function claimLanes(
  db: Database,
  { webhookId, limit, leaseMs }: { webhookId: string; limit: number; leaseMs: number },
): Promise<Lane[]> {
  const { rows } = await sql<Lane>`
    WITH due AS MATERIALIZED (
      SELECT webhook_id, asset_id FROM delivery_lanes
      WHERE webhook_id = ${webhookId} AND next_at <= now()
      ORDER BY next_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    UPDATE delivery_lanes AS lane SET run = lane.run + 1,
      next_at = now() + ${leaseMs} * interval '1 millisecond', leased_until = now() + ${leaseMs} * interval '1 millisecond'
    FROM due WHERE lane.webhook_id = due.webhook_id AND lane.asset_id = due.asset_id
    RETURNING lane.webhook_id, lane.asset_id, lane.run`.execute(db)
  return rows
}

/** At once; but whoever is at a lane now is left at it, so that nothing goes out twice or beside what it waits behind. */
export const soon = sql<Date>`
  CASE WHEN delivery_lanes.leased_until = delivery_lanes.next_at THEN delivery_lanes.next_at ELSE now() END`

/** Lets go of a lane untouched, for a worker that must go. */
export async function letGoOfLane(db: Database, lane: Lane): Promise<void> {
  await db
    .updateTable('delivery_lanes')
    .set({ next_at: sql`now()` })
    .where('webhook_id', '=', lane.webhook_id)
    .where('asset_id', '=', lane.asset_id)
    .where('run', '=', lane.run)
    .execute()
}
