import { type Kysely, sql } from 'kysely'

/** Every table of the house. Statuses are text with a check, so that a later state is one cheap migration. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE assets (
      id uuid PRIMARY KEY,
      tenant text NOT NULL,
      kind text CHECK (kind IN ('video', 'image', 'audio')),
      status text NOT NULL CHECK (status IN ('waiting', 'queued', 'processing', 'ready', 'failed', 'cancelled')),
      playable boolean NOT NULL DEFAULT false,
      generation integer NOT NULL DEFAULT 1 CHECK (generation >= 1),
      target_generation integer NOT NULL DEFAULT 1 CHECK (target_generation >= generation),
      profile text NOT NULL,
      external_id text,
      metadata jsonb NOT NULL,
      priority text NOT NULL CHECK (priority IN ('high', 'normal', 'low')),
      visibility text NOT NULL CHECK (visibility IN ('public', 'private')),
      webhook_url text,
      source_type text NOT NULL CHECK (source_type IN ('upload', 'url', 'object')),
      source_url text,
      source_key text,
      source_filename text,
      source_bytes bigint,
      source_received bigint NOT NULL DEFAULT 0,
      source_mime text,
      source_sha256 text,
      media jsonb,
      placeholder jsonb,
      error jsonb,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      received_at timestamptz,
      started_at timestamptz,
      playable_at timestamptz,
      ready_at timestamptz,
      deleted_at timestamptz
    )`.execute(db)
  await sql`CREATE INDEX assets_newest ON assets (tenant, id DESC) WHERE deleted_at IS NULL`.execute(db)
  await sql`CREATE UNIQUE INDEX assets_external_id ON assets (tenant, external_id)
    WHERE external_id IS NOT NULL AND deleted_at IS NULL`.execute(db)

  await sql`
    CREATE TABLE tasks (
      id uuid PRIMARY KEY,
      asset_id uuid NOT NULL REFERENCES assets ON DELETE CASCADE,
      generation integer NOT NULL,
      key text NOT NULL,
      queue text NOT NULL,
      params jsonb NOT NULL,
      queue_priority integer NOT NULL,
      weight real NOT NULL,
      status text NOT NULL CHECK (status IN ('pending', 'running', 'done', 'failed', 'cancelled')),
      attempt integer NOT NULL DEFAULT 0,
      failures integer NOT NULL DEFAULT 0,
      crashes integer NOT NULL DEFAULT 0,
      lease_until timestamptz,
      worker text,
      progress real NOT NULL DEFAULT 0,
      result jsonb,
      error jsonb,
      run_after timestamptz NOT NULL DEFAULT now(),
      enqueued_at timestamptz,
      pushes integer NOT NULL DEFAULT 0,
      created_at timestamptz NOT NULL DEFAULT now(),
      started_at timestamptz,
      finished_at timestamptz,
      UNIQUE (asset_id, generation, key),
      CHECK ((status = 'running') = (lease_until IS NOT NULL))
    )`.execute(db)
  // The relay, the sweep of dead leases and the search for lost jobs each read one of these, however long the backlog is.
  await sql`CREATE INDEX tasks_unsent ON tasks (created_at) WHERE status = 'pending' AND enqueued_at IS NULL`.execute(
    db,
  )
  await sql`CREATE INDEX tasks_sent ON tasks (queue, enqueued_at) WHERE status = 'pending' AND enqueued_at IS NOT NULL`.execute(
    db,
  )
  await sql`CREATE INDEX tasks_leased ON tasks (lease_until) WHERE status = 'running'`.execute(db)

  await sql`
    CREATE TABLE outputs (
      id uuid PRIMARY KEY,
      asset_id uuid NOT NULL REFERENCES assets ON DELETE CASCADE,
      generation integer NOT NULL,
      role text NOT NULL,
      name text NOT NULL,
      storage_key text NOT NULL,
      content_type text NOT NULL,
      bytes bigint NOT NULL,
      sha256 text,
      facts jsonb NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      UNIQUE (asset_id, generation, role, name)
    )`.execute(db)

  await sql`
    CREATE TABLE uploads (
      id uuid PRIMARY KEY,
      asset_id uuid NOT NULL REFERENCES assets ON DELETE CASCADE,
      tenant text NOT NULL,
      protocol text NOT NULL,
      bytes bigint,
      received bigint NOT NULL DEFAULT 0,
      parts jsonb NOT NULL,
      storage_upload_id text,
      expires_at timestamptz NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      completed_at timestamptz
    )`.execute(db)
  await sql`CREATE INDEX uploads_open ON uploads (expires_at) WHERE completed_at IS NULL`.execute(db)

  await sql`
    CREATE TABLE events (
      sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id uuid NOT NULL UNIQUE,
      asset_id uuid NOT NULL,
      tenant text NOT NULL,
      type text NOT NULL,
      payload jsonb NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`.execute(db)
  await sql`CREATE INDEX events_of_asset ON events (asset_id, sequence)`.execute(db)

  await sql`
    CREATE TABLE webhooks (
      id uuid PRIMARY KEY,
      tenant text NOT NULL,
      url text NOT NULL,
      events text[] NOT NULL,
      secret text NOT NULL,
      disabled_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now()
    )`.execute(db)
  await sql`
    CREATE TABLE deliveries (
      id uuid PRIMARY KEY,
      webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
      event_id uuid NOT NULL REFERENCES events (id) ON DELETE CASCADE,
      status text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
      attempts integer NOT NULL DEFAULT 0,
      next_at timestamptz NOT NULL DEFAULT now(),
      response_status integer,
      error text,
      created_at timestamptz NOT NULL DEFAULT now(),
      delivered_at timestamptz,
      UNIQUE (webhook_id, event_id)
    )`.execute(db)

  await sql`
    CREATE TABLE api_keys (
      id uuid PRIMARY KEY,
      tenant text NOT NULL,
      name text NOT NULL,
      hash bytea NOT NULL UNIQUE,
      scopes text[] NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      last_used_at timestamptz,
      revoked_at timestamptz
    )`.execute(db)

  await sql`
    CREATE TABLE idempotency (
      tenant text NOT NULL,
      key text NOT NULL,
      request_hash bytea NOT NULL,
      status integer,
      response jsonb,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant, key)
    )`.execute(db)
}
