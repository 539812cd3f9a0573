import { type Kysely, sql } from 'kysely'

/** What each living worker says it must do without in front of strangers' files. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE workers (
    name text PRIMARY KEY,
    missing jsonb NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now()
  )`.execute(db)
}
