import { sql } from 'kysely'
import type { Database } from './open.ts'

/** Longer than anybody who missed one still comes back for it. */
const keptForDays = 30

const atOnce = 1_000
const rounds = 100

/**
 * Forgets events that nobody will ask for any more, with what is known of their deliveries. Looks at the oldest alone: their
 * numbers come in the order of time, so it never reads on through those that stay. What an endpoint still waits for stays,
 * unless that was disabled all the while.
 */
export async function forgetOldEvents(db: Database): Promise<number> {
  await giveUpDisabled(db)
  let forgotten = 0
  for (let round = 0; round < rounds; round++) {
    const { numAffectedRows } = await sql`
      DELETE FROM events WHERE sequence = ANY (ARRAY (
        SELECT sequence FROM (SELECT sequence, id, position, created_at FROM events ORDER BY sequence LIMIT ${atOnce}) AS oldest
        WHERE created_at < now() - ${keptForDays} * interval '1 day' AND position IS NOT NULL AND NOT EXISTS (
          SELECT FROM deliveries WHERE event_id = oldest.id AND status = 'pending')))`.execute(db)
    forgotten += Number(numAffectedRows ?? 0)
    if (Number(numAffectedRows ?? 0) < atOnce) break
  }
  return forgotten
}

async function giveUpDisabled(db: Database): Promise<void> {
  await sql`
    UPDATE deliveries SET status = 'failed', error = 'The endpoint was disabled for too long' WHERE id IN (
      SELECT deliveries.id
      FROM (SELECT id, created_at FROM events ORDER BY sequence LIMIT ${atOnce}) AS oldest
      JOIN deliveries ON deliveries.event_id = oldest.id AND deliveries.status = 'pending'
      JOIN webhooks ON webhooks.id = deliveries.webhook_id AND webhooks.disabled_at IS NOT NULL
      WHERE oldest.created_at < now() - ${keptForDays} * interval '1 day')`.execute(db)
}
