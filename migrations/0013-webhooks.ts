import { type Kysely, sql } from 'kysely'

/** Events that can be read on from a place, endpoints with their state, and deliveries in lanes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await events(db)
  await webhooks(db)
  await deliveries(db)
}

async function events(db: Kysely<unknown>): Promise<void> {
  // What came before there were places has place 0, without a row being rewritten; what comes from now on has none until it is taken up.
  await sql`ALTER TABLE events ADD COLUMN position bigint DEFAULT 0, ADD COLUMN data json`.execute(db)
  await sql`ALTER TABLE events ALTER COLUMN position DROP DEFAULT`.execute(db)
  await sql`CREATE SEQUENCE event_positions`.execute(db)
  await sql`CREATE INDEX events_untaken ON events (sequence) WHERE position IS NULL`.execute(db)
  await sql`CREATE INDEX events_in_order ON events (position) WHERE position > 0`.execute(db)
  await sql`CREATE INDEX events_of_tenant ON events (tenant, position) WHERE position > 0`.execute(db)
}

async function webhooks(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE webhooks
      ADD COLUMN origin text,
      ADD COLUMN previous_secret text,
      ADD COLUMN previous_until timestamptz,
      ADD COLUMN healthy boolean NOT NULL DEFAULT false,
      ADD COLUMN failing_since timestamptz,
      ADD COLUMN failures integer NOT NULL DEFAULT 0,
      ADD COLUMN disabled_reason text`.execute(db)
  await sql`CREATE INDEX webhooks_of_tenant ON webhooks (tenant, id) WHERE origin IS NULL`.execute(db)
  // One for each host that assets name by themselves.
  await sql`CREATE UNIQUE INDEX webhooks_of_assets ON webhooks (tenant, origin) WHERE origin IS NOT NULL`.execute(db)
  await sql`
    CREATE TABLE webhook_secrets (
      tenant text PRIMARY KEY,
      secret text NOT NULL,
      previous_secret text,
      previous_until timestamptz,
      created_at timestamptz NOT NULL DEFAULT now()
    )`.execute(db)
}

async function deliveries(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE deliveries
      ADD COLUMN asset_id uuid,
      ADD COLUMN position bigint,
      ADD COLUMN tries jsonb NOT NULL DEFAULT '[]',
      ADD COLUMN first_tried_at timestamptz`.execute(db)
  await sql`CREATE INDEX deliveries_in_lane ON deliveries (webhook_id, asset_id, position) WHERE status = 'pending'`.execute(
    db,
  )
  await sql`CREATE INDEX deliveries_newest ON deliveries (webhook_id, id DESC)`.execute(db)
  await sql`CREATE INDEX deliveries_newest_of_status ON deliveries (webhook_id, status, id DESC)`.execute(db)
  await sql`CREATE INDEX deliveries_of_asset ON deliveries (asset_id, id DESC)`.execute(db)
  // A lane has a row for as long as something waits in it; `next_at` is when it may be taken, and is moved on by whoever takes it.
  await sql`
    CREATE TABLE delivery_lanes (
      webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
      asset_id uuid NOT NULL,
      next_at timestamptz NOT NULL DEFAULT now(),
      run integer NOT NULL DEFAULT 0,
      PRIMARY KEY (webhook_id, asset_id)
    )`.execute(db)
  await sql`CREATE INDEX delivery_lanes_due ON delivery_lanes (webhook_id, next_at)`.execute(db)
}
