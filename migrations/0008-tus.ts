import { type Kysely, sql } from 'kysely'

/** Uploads that are put together from partial ones (tus): which ones, in the client's own words. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE uploads ADD COLUMN concat text`.execute(db)
}
