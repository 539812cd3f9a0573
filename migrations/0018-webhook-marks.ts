import { type Kysely, sql } from 'kysely'

/** What is known of endpoints and their deliveries besides: when one was enabled again, whether somebody is at a lane, which tries count. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE webhooks ADD COLUMN enabled_at timestamptz, ADD COLUMN deleted_at timestamptz`.execute(db)
  await sql`CREATE INDEX webhooks_deleted ON webhooks (id) WHERE deleted_at IS NOT NULL`.execute(db)
  await sql`ALTER TABLE delivery_lanes ADD COLUMN leased_until timestamptz`.execute(db)
  await sql`ALTER TABLE deliveries ADD COLUMN attempts_before integer NOT NULL DEFAULT 0`.execute(db)
}
