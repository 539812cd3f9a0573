import { type Kysely, sql } from 'kysely'

/** What operators follow: from a request to the lines and spans of its tasks, and how long queues are. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Of the request that made an asset, or had it made anew. Null where a job of the queue did.
  await sql`ALTER TABLE assets ADD COLUMN request_id text, ADD COLUMN traceparent text`.execute(db)
  // Who has waited longest is its first entry, of each queue; and waiting tasks are counted along it, a page at a time. By an
  // expression, so that no search with an index of its own takes this one for it.
  await sql`CREATE INDEX tasks_waiting ON tasks ((queue || ''), run_after, id) WHERE status = 'pending'`.execute(db)
  // The last count, of all queues in one row, so that a scrape reads one and counts nothing.
  await sql`CREATE TABLE queue_counts (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    counts jsonb NOT NULL,
    took_ms real NOT NULL,
    counted_at timestamptz NOT NULL
  )`.execute(db)
  await sql`CREATE INDEX spooled_waiting ON spooled (made_at) WHERE home_at IS NULL`.execute(db)
}
