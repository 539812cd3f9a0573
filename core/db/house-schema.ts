import type { ColumnType, Generated } from 'kysely'
import type { Jsonb, MaybeTime, Time } from './schema.ts'

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

/** Workers that live, and what each does without. */
export type WorkersTable = { name: string; missing: ColumnType<string[], string, string>; seen_at: Time }

/** What the house made for itself and all its processes share. */
export type SecretsTable = { name: string; value: string; created_at: Time }

/** A set of objects that lies in the spool, not at the store: readers are sent there until it is home. */
export type SpooledTable = {
  /** Of an asset, or of an upload that is a part of one. */
  id: string
  tenant: string
  /** `source`, `upload`, `g1`, `p1`: what stands after the id in its keys. */
  folder: string
  made_at: Time
  /** When a task was last asked to bring it home. */
  asked_at: MaybeTime
  /** From then on the store has it, whole and verified; what is left in the spool is deleted a little later. */
  home_at: MaybeTime
}

/** How many tasks waited when they were last counted; one row. */
export type QueueCountsTable = {
  only_row: Generated<boolean>
  /** By queue. */
  counts: Jsonb<unknown>
  took_ms: number
  counted_at: ColumnType<Date>
}
