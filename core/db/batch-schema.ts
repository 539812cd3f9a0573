import type { Jsonb, JsonObject, MaybeTime, Time, WithDefault } from './schema.ts'

/** Many assets to be made anew. Whoever runs one may die: it goes on from these rows. */
export type BatchesTable = {
  id: string
  wishes: Jsonb<JsonObject>
  /** `stopped`: it stopped itself, because too many failed; it can be gone on with. */
  status: WithDefault<'open' | 'stopped' | 'done'>
  reason: WithDefault<string | null>
  created_at: Time
  /** When one of it was begun last. */
  updated_at: Time
  ended_at: MaybeTime
}

export type BatchItemsTable = {
  batch_id: string
  asset_id: string
  /** The order in which they come. */
  number: number
  status: WithDefault<'waiting' | 'started' | 'done' | 'failed' | 'skipped'>
  /** The one that is made for this batch; set when it is begun, in one transaction with that. */
  generation: WithDefault<number | null>
  code: WithDefault<string | null>
  started_at: MaybeTime
  ended_at: MaybeTime
}
