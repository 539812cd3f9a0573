import { type Kysely, sql } from 'kysely'

/** Who may run on this schema, what is to be looked over once more after its end, and what to find fast for that. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE schema_needs (
      only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
      least integer NOT NULL,
      since text NOT NULL
    )`.execute(db)
  await sql`INSERT INTO schema_needs (least, since) VALUES (1, '0001-house')`.execute(db)
  await sql`ALTER TABLE assets ADD COLUMN tidied_at timestamptz`.execute(db)
  await sql`CREATE INDEX assets_untidied ON assets (updated_at)
    WHERE tidied_at IS DISTINCT FROM updated_at
      AND (deleted_at IS NOT NULL OR status IN ('ready', 'failed', 'cancelled'))`.execute(db)
  await sql`CREATE INDEX assets_unfinished ON assets (updated_at, id)
    WHERE deleted_at IS NULL AND status IN ('waiting', 'queued', 'processing')`.execute(db)
  await sql`CREATE INDEX tasks_poisoned ON tasks (asset_id) WHERE status = 'failed' AND crashes >= 3`.execute(db)
}
