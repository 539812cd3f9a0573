import { sql } from 'kysely'
import type { Database } from './open.ts'

/** Longer than anybody who missed one still comes back for it. */
const keptForDays = 30

const atOnce = 1_000
const rounds = 100

/**
 * Forgets events that nobody will ask for any more. Looks at the oldest alone: their numbers come in the order of time, so
 * it never reads on through those that stay.
 */
export async function forgetOldEvents(db: Database): Promise<number> {
  let forgotten = 0
  for (let round = 0; round < rounds; round++) {
    const { numAffectedRows } = await sql`
      DELETE FROM events WHERE sequence = ANY (ARRAY (
        SELECT sequence FROM (SELECT sequence, created_at FROM events ORDER BY sequence LIMIT ${atOnce}) AS oldest
        WHERE created_at < now() - ${keptForDays} * interval '1 day'))`.execute(db)
    forgotten += Number(numAffectedRows ?? 0)
    if (Number(numAffectedRows ?? 0) < atOnce) break
  }
  return forgotten
}
