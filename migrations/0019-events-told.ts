import { type Kysely, sql } from 'kysely'

/** What nobody may overlook: endpoints that fail, and where readers go on whose last event is forgotten. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE INDEX webhooks_failing ON webhooks (id) WHERE failing_since IS NOT NULL AND disabled_at IS NULL`.execute(
    db,
  )
  await sql`CREATE INDEX webhooks_disabled ON webhooks (id) WHERE disabled_at IS NOT NULL`.execute(db)
  // The newest that was forgotten, of each tenant: up to there something may be missing.
  await sql`
    CREATE TABLE forgotten_events (
      tenant text PRIMARY KEY,
      id uuid NOT NULL,
      position bigint NOT NULL
    )`.execute(db)
}
