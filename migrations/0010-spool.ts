import { type Kysely, sql } from 'kysely'

/**
 * What lies on the disk of the spool, because S3 was away when its first object was written: a source, an upload's
 * pieces, or a generation, each whole. A row is there before the first object, and goes after the last.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The id is an asset's, or that of an upload that is a part of one: no foreign key fits both.
  await sql`
    CREATE TABLE spooled (
      id uuid NOT NULL,
      tenant text NOT NULL,
      folder text NOT NULL,
      made_at timestamptz NOT NULL DEFAULT now(),
      asked_at timestamptz,
      home_at timestamptz,
      PRIMARY KEY (id, folder)
    )`.execute(db)
}
