import { type Kysely, sql } from 'kysely'

/** What is said of the generation that is served, while another is made of media that its owner has replaced; then of that other one, where it came to nothing. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE assets ADD COLUMN other_facts jsonb`.execute(db)
}
