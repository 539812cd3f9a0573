import { sql } from 'kysely'
import type { Database } from './open.ts'

/** Of all workers one does a chore in each round. Whoever dies over it holds nobody up: the next round is another's. */
export async function takeTurn(db: Database, { chore, everyMs }: { chore: string; everyMs: number }): Promise<boolean> {
  const { rows } = await sql`
    WITH first AS (
      INSERT INTO chores (name, begun_at)
      SELECT ${chore}, now() WHERE NOT EXISTS (SELECT FROM chores WHERE name = ${chore})
      ON CONFLICT DO NOTHING
      RETURNING name
    ), next AS (
      UPDATE chores SET begun_at = now()
      WHERE name = ${chore} AND begun_at <= now() - ${everyMs} * interval '1 millisecond'
      RETURNING name
    )
    SELECT name FROM first UNION ALL SELECT name FROM next`.execute(db)
  return rows.length > 0
}
