import type { ColumnType } from 'kysely'
import type { Time } from './schema.ts'

export type IdempotencyTable = {
  tenant: string
  /** Its hash. */
  key: string
  /** Null while a form has not been read. */
  request_hash: Buffer | null
  /** The id of the asset that the request makes, if it makes one. */
  asset_id: string
  /** Null until there is an answer to give again. */
  status: number | null
  /** Sealed with the caller's key, which stands nowhere. */
  answer: Buffer | null
  created_at: Time
}

/** When each chore that one worker does for all was begun last. */
export type ChoresTable = { name: string; begun_at: ColumnType<Date> }

/** What the house made for itself and all its processes share. */
export type SecretsTable = { name: string; value: string; created_at: Time }
