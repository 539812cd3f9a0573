import { type Kysely, sql } from 'kysely'

/** Uploads in several requests. The table of the first migration was never written to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`DROP TABLE uploads`.execute(db)
  await sql`
    CREATE TABLE uploads (
      id uuid PRIMARY KEY,
      tenant text NOT NULL,
      asset_id uuid REFERENCES assets ON DELETE CASCADE,
      protocol text NOT NULL CHECK (protocol IN ('tus', 'partial', 'chunks', 'direct')),
      status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'gone')),
      bytes bigint CHECK (bytes >= 0),
      max_bytes bigint NOT NULL,
      received bigint NOT NULL DEFAULT 0 CHECK (received >= 0 AND received <= coalesce(bytes, max_bytes)),
      chunk_bytes integer,
      sha256 text,
      filename text,
      metadata text,
      growth jsonb,
      writer uuid,
      token_id uuid,
      created_at timestamptz NOT NULL DEFAULT now(),
      touched_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      ended_at timestamptz,
      taken_back boolean NOT NULL DEFAULT false
    )`.execute(db)
  await sql`CREATE INDEX uploads_open ON uploads (expires_at) WHERE status = 'open'`.execute(db)
  await sql`CREATE INDEX uploads_gone ON uploads (ended_at) WHERE status = 'gone' AND NOT taken_back`.execute(db)
  await sql`CREATE INDEX uploads_of_asset ON uploads (asset_id)`.execute(db)
  await sql`
    CREATE TABLE upload_pieces (
      upload_id uuid NOT NULL REFERENCES uploads ON DELETE CASCADE,
      number integer NOT NULL CHECK (number >= 0),
      key text NOT NULL,
      bytes bigint NOT NULL,
      etag text NOT NULL,
      PRIMARY KEY (upload_id, number)
    )`.execute(db)
}
