import { type Kysely, sql } from 'kysely'

/** Who may do how much: upload tokens, counts of calls, and how many bytes each tenant has stored. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE upload_tokens (
      id uuid PRIMARY KEY,
      tenant text NOT NULL,
      hash bytea NOT NULL UNIQUE,
      max_bytes bigint NOT NULL CHECK (max_bytes > 0),
      accept text[],
      profile text,
      metadata jsonb NOT NULL,
      asset_id uuid,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      claimed_at timestamptz
    )`.execute(db)
  await sql`CREATE INDEX upload_tokens_by_age ON upload_tokens (expires_at)`.execute(db)
  await sql`ALTER TABLE assets ADD COLUMN accept text[]`.execute(db)
  await sql`CREATE INDEX uploads_open_of_tenant ON uploads (tenant) WHERE status = 'open'`.execute(db)

  // Counts are worth nothing after a crash, so they are spared the journal. Rows change in place: no index but the key's.
  await sql`
    CREATE UNLOGGED TABLE rates (
      subject text PRIMARY KEY,
      count integer NOT NULL,
      resets_at timestamptz NOT NULL
    ) WITH (fillfactor = 50)`.execute(db)
  await storedBytes(db)
}

/**
 * A ledger, not a sum: writers only ever add a row, so none waits for another. Now and then a writer puts the rows that
 * nobody else has in hand together into one, so that adding a tenant's rows up stays cheap.
 */
async function storedBytes(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE stored_bytes (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      tenant text NOT NULL,
      bytes bigint NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX stored_bytes_of_tenant ON stored_bytes (tenant) INCLUDE (bytes)`.execute(db)
  await sql`
    INSERT INTO stored_bytes (tenant, bytes)
    SELECT tenant, sum(source_bytes) FROM assets
    WHERE deleted_at IS NULL AND received_at IS NOT NULL AND source_bytes > 0 GROUP BY tenant`.execute(db)
  await sql`
    CREATE FUNCTION note_stored_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      owner text;
      was bigint := 0;
      becomes bigint := 0;
      entry bigint;
    BEGIN
      IF TG_OP <> 'INSERT' THEN
        owner := OLD.tenant;
        IF OLD.deleted_at IS NULL AND OLD.received_at IS NOT NULL THEN was := coalesce(OLD.source_bytes, 0); END IF;
      END IF;
      IF TG_OP <> 'DELETE' THEN
        owner := NEW.tenant;
        IF NEW.deleted_at IS NULL AND NEW.received_at IS NOT NULL THEN becomes := coalesce(NEW.source_bytes, 0); END IF;
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
  await sql`
    CREATE TRIGGER assets_stored_bytes
    AFTER INSERT OR DELETE OR UPDATE OF source_bytes, received_at, deleted_at ON assets
    FOR EACH ROW EXECUTE FUNCTION note_stored_bytes()`.execute(db)
}
