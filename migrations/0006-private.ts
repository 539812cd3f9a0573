import { type Kysely, sql } from 'kysely'

/** What the house makes for itself when nobody set it, and all its processes must share. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE secrets (
      name text PRIMARY KEY,
      value text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`.execute(db)
}
