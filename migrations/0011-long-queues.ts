import { type Kysely, sql } from 'kysely'

/**
 * So that what looks for work reads the work it finds, and not what stands in front of it: indexes on exactly what is
 * asked for, however long the backlog is.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await tasks(db)
  // Lists by one trait, newest first, also where only few of very many have it.
  await sql`CREATE INDEX assets_newest_of_status ON assets (tenant, status, id DESC) WHERE deleted_at IS NULL`.execute(
    db,
  )
  await sql`CREATE INDEX assets_newest_of_kind ON assets (tenant, kind, id DESC) WHERE deleted_at IS NULL`.execute(db)
  // Of very many open uploads the few that have all their bytes.
  await sql`CREATE INDEX uploads_unfinished ON uploads (touched_at)
    WHERE status = 'open' AND protocol = 'tus' AND received = bytes`.execute(db)
  // What goes with an event that is forgotten.
  await sql`CREATE INDEX deliveries_of_event ON deliveries (event_id)`.execute(db)
  await sql`CREATE TABLE chores (name text PRIMARY KEY, begun_at timestamptz NOT NULL)`.execute(db)
}

async function tasks(db: Kysely<unknown>): Promise<void> {
  // An index cannot say "not due yet", so those that rest after a failure bear a mark until their time has come.
  await sql`ALTER TABLE tasks ADD COLUMN resting boolean NOT NULL DEFAULT false`.execute(db)
  await sql`DROP INDEX tasks_urgent`.execute(db)
  await sql`DROP INDEX tasks_longest_waiting`.execute(db)
  await sql`CREATE INDEX tasks_urgent ON tasks (needed_by, queue_priority, created_at)
    WHERE status = 'pending' AND queue = 'fetch' AND NOT resting`.execute(db)
  await sql`CREATE INDEX tasks_longest_waiting ON tasks (created_at)
    WHERE status = 'pending' AND queue = 'fetch' AND NOT resting`.execute(db)
  await sql`CREATE INDEX tasks_resting ON tasks (run_after)
    WHERE status = 'pending' AND queue = 'fetch' AND resting`.execute(db)
  // Of each queue its share, so that no long one stands before the others.
  await sql`DROP INDEX tasks_unsent`.execute(db)
  await sql`CREATE INDEX tasks_unsent ON tasks (queue, queue_priority, created_at)
    WHERE status = 'pending' AND enqueued_at IS NULL`.execute(db)
  // Sent and due: whichever came later is what a search for lost ones waits from.
  await sql`DROP INDEX tasks_sent`.execute(db)
  await sql`CREATE INDEX tasks_sent ON tasks (queue, greatest(enqueued_at, run_after))
    WHERE status = 'pending' AND enqueued_at IS NOT NULL`.execute(db)
}
