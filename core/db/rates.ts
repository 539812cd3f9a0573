import { sql } from 'kysely'
import type { Database } from './open.ts'
import type { Trx } from './tasks.ts'

/** So many within so many seconds. */
export type Rate = { count: number; seconds: number }

/** How often it was done in the window that runs, this time counted in, and when the window ends. */
export type Counted = { count: number; resetMs: number }

/**
 * Counts one more, in a window that begins with the first and is shared by every process: one statement on a table that keeps
 * no journal. Numbers past `count` are counted too, so whoever asks decides what they mean.
 */
export async function countOne(
  db: Database | Trx,
  { subject, seconds }: { subject: string; seconds: number },
): Promise<Counted> {
  const { rows } = await sql<{ count: number; reset_ms: number }>`
    INSERT INTO rates AS mine (subject, count, resets_at)
    VALUES (${subject}, 1, clock_timestamp() + ${seconds} * interval '1 second')
    ON CONFLICT (subject) DO UPDATE SET
      count = CASE WHEN mine.resets_at <= clock_timestamp() THEN 1 ELSE mine.count + 1 END,
      resets_at = CASE WHEN mine.resets_at <= clock_timestamp() THEN excluded.resets_at ELSE mine.resets_at END
    RETURNING count, (extract(epoch FROM resets_at - clock_timestamp()) * 1000)::float8 AS reset_ms`.execute(db)
  const [row] = rows
  if (row === undefined) throw new Error('a count came back without a row')
  return { count: row.count, resetMs: Math.max(0, row.reset_ms) }
}

/** Forgets windows that are over. */
export async function dropOldRates(db: Database): Promise<void> {
  await sql`
    DELETE FROM rates WHERE subject IN (
      SELECT subject FROM rates WHERE resets_at < now() LIMIT 100000 FOR UPDATE SKIP LOCKED
    )`.execute(db)
}
