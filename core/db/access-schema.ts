import type { ColumnType, Generated } from 'kysely'
import type { Jsonb, JsonObject, MaybeTime, Time } from './schema.ts'

export type ApiKeysTable = {
  id: string
  tenant: string
  name: string
  hash: Buffer
  scopes: string[]
  created_at: Time
  last_used_at: MaybeTime
  revoked_at: MaybeTime
}

export type UploadTokensTable = {
  id: string
  tenant: string
  hash: Buffer
  max_bytes: number
  accept: string[] | null
  profile: string | null
  metadata: Jsonb<JsonObject>
  /** The one upload that it was used for. */
  asset_id: ColumnType<string | null, undefined, string>
  created_at: Time
  /** When an upload must have begun; one that has goes on as long as it is kept. */
  expires_at: Date
  claimed_at: MaybeTime
}

/** How often somebody did something since a window of time began. Lost in a crash of Postgres. */
export type RatesTable = {
  subject: string
  count: number
  resets_at: Date
}

/** A tenant has stored the sum of its rows. Only a trigger writes here. */
export type StoredBytesTable = {
  id: Generated<number>
  tenant: string
  bytes: number
}
