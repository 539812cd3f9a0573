import { type Kysely, sql } from 'kysely'

/** Sources need not be kept for ever: when one was let go of, after which it takes no room of its tenant's, and those whose time may be over. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE assets ADD COLUMN source_dropped_at timestamptz`.execute(db)
  await sql`
    CREATE INDEX assets_with_source ON assets (ready_at)
    WHERE status = 'ready' AND source_key IS NOT NULL AND deleted_at IS NULL`.execute(db)
  await sql`
    CREATE FUNCTION bytes_kept(asset assets) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
      SELECT CASE
        WHEN asset.deleted_at IS NULL AND asset.received_at IS NOT NULL AND asset.source_dropped_at IS NULL
        THEN coalesce(asset.source_bytes, 0) ELSE 0 END
    $$`.execute(db)
  await sql`
    CREATE OR REPLACE FUNCTION note_stored_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      owner text;
      was bigint := 0;
      becomes bigint := 0;
      entry bigint;
    BEGIN
      IF TG_OP <> 'INSERT' THEN
        owner := OLD.tenant;
        was := bytes_kept(OLD);
      END IF;
      IF TG_OP <> 'DELETE' THEN
        owner := NEW.tenant;
        becomes := bytes_kept(NEW);
      END IF;
      IF was = becomes THEN RETURN NULL; END IF;
      INSERT INTO stored_bytes (tenant, bytes) VALUES (owner, becomes - was) RETURNING id INTO entry;
      IF entry % 64 = 0 THEN
        WITH few AS (
          SELECT id FROM stored_bytes WHERE tenant = owner ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED
        ), taken AS (
          DELETE FROM stored_bytes USING few WHERE stored_bytes.id = few.id RETURNING stored_bytes.bytes
        )
        INSERT INTO stored_bytes (tenant, bytes) SELECT owner, sum(bytes) FROM taken HAVING count(*) > 0;
      END IF;
      RETURN NULL;
    END $$`.execute(db)
  await sql`DROP TRIGGER assets_stored_bytes_updated ON assets`.execute(db)
  await sql`
    CREATE TRIGGER assets_stored_bytes_updated
    AFTER UPDATE OF source_bytes, received_at, deleted_at, source_dropped_at ON assets
    FOR EACH ROW WHEN (NEW.source_object IS NULL) EXECUTE FUNCTION note_stored_bytes()`.execute(db)
}
