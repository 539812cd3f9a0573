import { type Kysely, sql } from 'kysely'

/** When an address dies, and who is served first because of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE assets ADD COLUMN source_expires_at timestamptz`.execute(db)
  await sql`ALTER TABLE tasks ADD COLUMN needed_by timestamptz`.execute(db)
  // The lane of addresses: the most urgent, and whoever waited longest, each found without reading the others.
  await sql`CREATE INDEX tasks_urgent ON tasks (needed_by, queue_priority, created_at)
    WHERE status = 'pending' AND queue = 'fetch'`.execute(db)
  await sql`CREATE INDEX tasks_longest_waiting ON tasks (created_at)
    WHERE status = 'pending' AND queue = 'fetch'`.execute(db)
}
