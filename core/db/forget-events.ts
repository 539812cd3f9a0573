import { sql } from 'kysely'
import type { Database } from './open.ts'

/** Longer than anybody who missed one still comes back for it. */
const keptForDays = 30

const atOnce = 250
const rounds = 400

/**
 * Forgets events that nobody will ask for any more, with what is known of their deliveries. Goes through the oldest, whose numbers
 * come in the order of time, up to the first part in which they are young: those that stay are passed by, and what is behind them
 * is not held up. What an endpoint still waits for stays, unless that was disabled all the while.
 */
export async function forgetOldEvents(db: Database, limits = { atOnce, rounds }): Promise<number> {
  let [forgotten, after] = [0, 0]
  for (let round = 0; round < limits.rounds; round++) {
    const page = await oldest(db, { after, limit: limits.atOnce })
    const old = page.filter((event) => event.old).map(({ sequence }) => sequence)
    if (old.length > 0) {
      await giveUpDisabled(db, old)
      forgotten += await forget(db, old)
    }
    const last = page.at(-1)
    if (last === undefined || !last.old || page.length < limits.atOnce) break
    after = last.sequence
  }
  return forgotten
}

async function oldest(db: Database, { after, limit }: { after: number; limit: number }) {
  return db
    .selectFrom('events')
    .select('sequence')
    .select(sql<boolean>`created_at < now() - ${keptForDays} * interval '1 day'`.as('old'))
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute()
}

async function giveUpDisabled(db: Database, sequences: number[]): Promise<void> {
  await sql`
    UPDATE deliveries SET status = 'failed', error = 'The endpoint was disabled for too long' WHERE id IN (
      SELECT deliveries.id FROM events
      JOIN deliveries ON deliveries.event_id = events.id AND deliveries.status = 'pending'
      JOIN webhooks ON webhooks.id = deliveries.webhook_id AND webhooks.disabled_at IS NOT NULL
      WHERE events.sequence = ANY (${sequences}::bigint[]))`.execute(db)
}

/** Of what is forgotten the newest of each tenant is remembered: who heard that one last has missed nothing. */
async function forget(db: Database, sequences: number[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    WITH gone AS (
      DELETE FROM events WHERE sequence = ANY (${sequences}::bigint[]) AND position IS NOT NULL AND NOT EXISTS (
        SELECT FROM deliveries WHERE event_id = events.id AND status = 'pending')
      RETURNING tenant, id, position
    ), noted AS (
      INSERT INTO forgotten_events (tenant, id, position)
      SELECT DISTINCT ON (tenant) tenant, id, position FROM gone ORDER BY tenant, position DESC
      ON CONFLICT (tenant) DO UPDATE SET id = excluded.id, position = excluded.position
      WHERE forgotten_events.position < excluded.position
    )
    SELECT count(*)::float8 AS count FROM gone`.execute(db)
  return rows[0]?.count ?? 0
}
