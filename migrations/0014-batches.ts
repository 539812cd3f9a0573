import { type Kysely, sql } from 'kysely'

/** Another generation of what is there, one asset or very many: what made the one that is served, and batches that outlive whoever runs them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE assets ADD COLUMN served_profile text, ADD COLUMN pipeline integer`.execute(db)
  await sql`
    CREATE TABLE batches (
      id uuid PRIMARY KEY,
      wishes jsonb NOT NULL,
      status text NOT NULL DEFAULT 'open',
      reason text,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      ended_at timestamptz
    )`.execute(db)
  await sql`
    CREATE TABLE batch_items (
      batch_id uuid NOT NULL REFERENCES batches ON DELETE CASCADE,
      asset_id uuid NOT NULL REFERENCES assets ON DELETE CASCADE,
      number integer NOT NULL,
      status text NOT NULL DEFAULT 'waiting',
      generation integer,
      code text,
      started_at timestamptz,
      ended_at timestamptz,
      PRIMARY KEY (batch_id, asset_id)
    )`.execute(db)
  await sql`CREATE INDEX batch_items_of_status ON batch_items (batch_id, status, number)`.execute(db)
  await sql`CREATE INDEX batch_items_of_asset ON batch_items (asset_id)`.execute(db)
}
