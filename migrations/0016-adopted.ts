import { type Kysely, sql } from 'kysely'

/** Media that lies somewhere already is found again by where it lies. By a hash: addresses may be longer than an index takes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE INDEX assets_of_object ON assets (md5(source_object)) WHERE source_object IS NOT NULL`.execute(db)
}
