import { type Kysely, sql } from 'kysely'

/** What the growing playlists of a video are made from: each finished segment, said once and never changed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE tracks (
      asset_id uuid NOT NULL REFERENCES assets ON DELETE CASCADE,
      generation integer NOT NULL,
      name text NOT NULL,
      init_key text NOT NULL,
      init_sha256 text NOT NULL,
      init_bytes integer NOT NULL,
      codec text NOT NULL,
      PRIMARY KEY (asset_id, generation, name)
    )`.execute(db)
  await sql`
    CREATE TABLE segments (
      asset_id uuid NOT NULL,
      generation integer NOT NULL,
      track text NOT NULL,
      number integer NOT NULL,
      key text NOT NULL,
      bytes integer NOT NULL,
      start double precision NOT NULL,
      seconds double precision NOT NULL,
      frames integer NOT NULL,
      PRIMARY KEY (asset_id, generation, track, number),
      FOREIGN KEY (asset_id, generation, track) REFERENCES tracks ON DELETE CASCADE
    )`.execute(db)
}
