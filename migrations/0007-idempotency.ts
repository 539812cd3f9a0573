import { type Kysely, sql } from 'kysely'

/**
 * A key is kept as a hash, its answer sealed; the id of what the request makes is chosen before the work. Nothing has used
 * the table yet. And of media that is taken from where it lies: where that is, and which version of it was seen.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE idempotency
      ALTER COLUMN request_hash DROP NOT NULL,
      ADD COLUMN asset_id uuid NOT NULL,
      ADD COLUMN answer bytea,
      DROP COLUMN response`.execute(db)
  await sql`CREATE INDEX idempotency_oldest ON idempotency (created_at)`.execute(db)
  await sql`
    ALTER TABLE assets
      ADD COLUMN source_object text,
      ADD COLUMN source_version text`.execute(db)
  // Such media takes no room of ours, so it is not counted.
  await sql`DROP TRIGGER assets_stored_bytes ON assets`.execute(db)
  for (const [name, when, row] of [
    ['inserted', 'INSERT', 'NEW'],
    ['updated', 'UPDATE OF source_bytes, received_at, deleted_at', 'NEW'],
    ['deleted', 'DELETE', 'OLD'],
  ] as const)
    await sql`
      CREATE TRIGGER ${sql.ref(`assets_stored_bytes_${name}`)} AFTER ${sql.raw(when)} ON assets
      FOR EACH ROW WHEN (${sql.raw(row)}.source_object IS NULL) EXECUTE FUNCTION note_stored_bytes()`.execute(db)
}
