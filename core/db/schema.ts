import type { ColumnType } from 'kysely'
import type { AssetKind, AssetStatus, Priority, Visibility } from '../asset.ts'
import type { ApiKeysTable, RatesTable, StoredBytesTable, UploadTokensTable } from './access-schema.ts'
import type { BatchesTable, BatchItemsTable } from './batch-schema.ts'
import type {
  ChoresTable,
  IdempotencyTable,
  QueueCountsTable,
  SecretsTable,
  SpooledTable,
  WorkersTable,
} from './house-schema.ts'
import type { OtherFacts } from './other-facts.ts'
import type {
  DeliveriesTable,
  DeliveryLanesTable,
  EventsTable,
  ForgottenEventsTable,
  WebhookSecretsTable,
  WebhooksTable,
} from './webhook-schema.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export type WithDefault<T> = ColumnType<T, T | undefined, T>
export type Time = ColumnType<Date, Date | undefined, Date>
export type MaybeTime = ColumnType<Date | null, Date | null | undefined, Date | null>
/** jsonb goes in as text, because pg would turn a JavaScript array into a Postgres array. */
export type Jsonb<T> = ColumnType<T, string, string>
export type MaybeJsonb<T> = ColumnType<T | null, string | null | undefined, string | null>

export type AssetError = { code: string; message: string; retryable: boolean; taskId: string | null }
export type TaskStatus = 'pending' | 'running' | 'done' | 'failed' | 'cancelled'
/** `since`: of the first of the runs in a row that failed with this code; rows of older versions have none. */
export type TaskError = { code: string; message: string; at: string; since?: string }

export type AssetsTable = {
  id: string
  tenant: string
  kind: AssetKind | null
  status: AssetStatus
  playable: WithDefault<boolean>
  /** The generation that readers are served, once one is. */
  generation: WithDefault<number>
  /** The generation that is being made; equal to `generation` when none is. */
  target_generation: WithDefault<number>
  profile: string
  /** While another generation is made: what the served one was made by, to go back to. */
  served_profile: WithDefault<string | null>
  /** Which version of the pipeline made the generation that is served; null for those from before this was kept. */
  pipeline: WithDefault<number | null>
  external_id: string | null
  metadata: Jsonb<JsonObject>
  priority: Priority
  visibility: Visibility
  webhook_url: string | null
  /** Types that an upload token allows, as in `video/*`; held against what the bytes turn out to be. */
  accept: ColumnType<string[] | null, string[] | null | undefined, string[] | null>
  source_type: 'upload' | 'url' | 'object'
  /** May hold signatures: never shown, never logged. */
  source_url: string | null
  /** When the address dies, where it says so itself. */
  source_expires_at: MaybeTime
  source_key: string | null
  /** Media that lies where its owner put it: never written, never deleted, and therefore not under `source_key`. */
  source_object: WithDefault<string | null>
  /** Of that: its tag or its time, and its size, when it was accepted. */
  source_version: WithDefault<string | null>
  source_filename: string | null
  source_bytes: number | null
  source_received: WithDefault<number>
  source_mime: string | null
  source_sha256: string | null
  media: MaybeJsonb<JsonObject>
  placeholder: MaybeJsonb<{ thumbhash: string; color: string }>
  /** Of the generation that the columns do not tell of: the served one while another is made, that other one where it came to nothing. */
  other_facts: MaybeJsonb<OtherFacts>
  error: MaybeJsonb<AssetError>
  created_at: Time
  updated_at: Time
  received_at: MaybeTime
  started_at: MaybeTime
  playable_at: MaybeTime
  ready_at: MaybeTime
  deleted_at: MaybeTime
  /** When its source was let go of, because it need not be kept any longer. */
  source_dropped_at: MaybeTime
  /** Its `updated_at` when storage was last looked over for what nobody refers to. */
  tidied_at: MaybeTime
  /** Of the request that made it, or had it made anew: on every line of its tasks, and what their spans hang on. */
  request_id: WithDefault<string | null>
  traceparent: WithDefault<string | null>
}

export type TasksTable = {
  id: string
  asset_id: string
  generation: number
  /** What it does, and to which piece: `fetch`, `encode:3`. Unique for an asset's generation. */
  key: string
  queue: string
  params: Jsonb<JsonObject>
  queue_priority: number
  /** Its share of the asset's progress. */
  weight: number
  status: TaskStatus
  /** Raised by every claim; every later write names it. */
  attempt: WithDefault<number>
  /** Failures that count against the limit of its kind. */
  failures: WithDefault<number>
  /** Workers that died while they ran it. */
  crashes: WithDefault<number>
  lease_until: MaybeTime
  worker: string | null
  progress: WithDefault<number>
  /** What its handler made of it; each reader checks the shape that it expects. */
  result: MaybeJsonb<unknown>
  error: MaybeJsonb<TaskError>
  run_after: Time
  /** Waits for its `run_after`, and has not been woken since. */
  resting: WithDefault<boolean>
  /** When what it works on dies: the earliest comes first. */
  needed_by: MaybeTime
  /** When it was last sent to the queue; null until then. */
  enqueued_at: MaybeTime
  /** Makes a fresh job id each time it is sent anew. */
  pushes: WithDefault<number>
  created_at: Time
  started_at: MaybeTime
  finished_at: MaybeTime
}

export type OutputsTable = {
  id: string
  asset_id: string
  generation: number
  role: string
  name: string
  storage_key: string
  content_type: string
  bytes: number
  sha256: string | null
  facts: Jsonb<JsonObject>
  created_at: Time
}

/** One rendition of a generation, pictures or sound, with its init segment. Keys are below the generation's prefix. */
export type TracksTable = {
  asset_id: string
  generation: number
  name: string
  init_key: string
  init_sha256: string
  init_bytes: number
  codec: string
}

export type SegmentsTable = {
  asset_id: string
  generation: number
  track: string
  number: number
  key: string
  bytes: number
  start: number
  seconds: number
  frames: number
}

/** An upload in several requests. It bears the id of the asset that it becomes; a partial one (tus) names the one that it went into. */
export type UploadsTable = {
  id: string
  tenant: string
  asset_id: string | null
  protocol: 'tus' | 'partial' | 'chunks' | 'direct'
  /** `done`: all bytes are safe and the asset has them. `gone`: ended without that, by expiry, by its client, or with its asset. */
  status: WithDefault<'open' | 'done' | 'gone'>
  /** Null until the client says how many there will be. */
  bytes: number | null
  max_bytes: number
  received: WithDefault<number>
  chunk_bytes: number | null
  /** What the client says that all bytes come to. */
  sha256: string | null
  filename: string | null
  /** The client's own words (`Upload-Metadata`), given back as they came. */
  metadata: string | null
  /** Of one that was put together from partial uploads (tus): `Upload-Concat`, given back as it came. */
  concat: string | null
  /** What storage keeps of an object that grows; its driver checks it. */
  growth: MaybeJsonb<unknown>
  /** Set while somebody writes: one that is found set is of somebody who did not say goodbye. */
  writer: string | null
  token_id: string | null
  created_at: Time
  /** When its last byte came; `UPLOAD_TTL` counts from here. */
  touched_at: Time
  expires_at: Date
  ended_at: MaybeTime
  /** Of one that is gone: whether nothing of it is left on storage. */
  taken_back: WithDefault<boolean>
}

export type UploadPiecesTable = {
  upload_id: string
  number: number
  key: string
  bytes: number
  etag: string
}

export type Tables = {
  assets: AssetsTable
  tasks: TasksTable
  outputs: OutputsTable
  tracks: TracksTable
  segments: SegmentsTable
  uploads: UploadsTable
  upload_pieces: UploadPiecesTable
  events: EventsTable
  forgotten_events: ForgottenEventsTable
  webhooks: WebhooksTable
  webhook_secrets: WebhookSecretsTable
  deliveries: DeliveriesTable
  delivery_lanes: DeliveryLanesTable
  api_keys: ApiKeysTable
  upload_tokens: UploadTokensTable
  rates: RatesTable
  stored_bytes: StoredBytesTable
  idempotency: IdempotencyTable
  secrets: SecretsTable
  chores: ChoresTable
  workers: WorkersTable
  spooled: SpooledTable
  batches: BatchesTable
  batch_items: BatchItemsTable
  queue_counts: QueueCountsTable
}
