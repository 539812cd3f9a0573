import type { ColumnType, Generated } from 'kysely'
import type { Jsonb, JsonObject, MaybeJsonb, MaybeTime, Time, WithDefault } from './schema.ts'

export type EventsTable = {
  /** In the order in which they were begun to be written; other transactions may show theirs first. */
  sequence: Generated<number>
  id: string
  /** What it is about; of `webhook.disabled` the endpoint. */
  asset_id: string
  tenant: string
  type: string
  payload: Jsonb<JsonObject>
  /** Where it stands for readers: given after its commit, one process at a time, so that none appears behind a reader. Null until then, 0 for those of before there were places. */
  position: ColumnType<number | null, never, never>
  /** What endpoints are sent as `data`, the same at each try; null where nobody is sent it. */
  data: MaybeJsonb<unknown>
  created_at: Time
}

/** The newest event of a tenant that is not kept any more. */
export type ForgottenEventsTable = { tenant: string; id: string; position: number }

export type WebhooksTable = {
  id: string
  tenant: string
  url: string
  events: string[]
  /** Of a row with an origin nothing: its tenant's secret signs. */
  secret: string
  /** Signs along until then. */
  previous_secret: WithDefault<string | null>
  previous_until: MaybeTime
  /** Set where nobody registered it: the host of addresses that assets bear by themselves (`webhookUrl`). */
  origin: WithDefault<string | null>
  /** Its last answer was good, and came soon. Those that are not share a part of the slots. */
  healthy: WithDefault<boolean>
  /** Since when, and how often in a row, nothing but failures came back. */
  failing_since: MaybeTime
  failures: WithDefault<number>
  disabled_at: MaybeTime
  disabled_reason: WithDefault<'gone' | 'failing' | null>
  /** When it was last enabled again: what waited has its whole time from then on. */
  enabled_at: MaybeTime
  /** It is there for nobody any more, and disabled too; upkeep takes it away with all that there was of it. */
  deleted_at: MaybeTime
  created_at: Time
}

/** Signs what goes to the addresses that a tenant's assets bear by themselves. */
export type WebhookSecretsTable = {
  tenant: string
  secret: string
  previous_secret: WithDefault<string | null>
  previous_until: MaybeTime
  created_at: Time
}

/** One try: when, for how long, and what came of it in our words. */
export type Try = { at: string; ms: number; status: number | null; error: string | null }

export type DeliveriesTable = {
  id: string
  webhook_id: string
  event_id: string
  /** Of its event, for the order in its lane. */
  asset_id: string
  position: number
  status: 'pending' | 'delivered' | 'failed'
  attempts: WithDefault<number>
  /** Of them, those before it was begun anew: asked for again, or its endpoint enabled. */
  attempts_before: WithDefault<number>
  /** For those who look: the lane says when it is really tried. */
  next_at: Time
  response_status: WithDefault<number | null>
  error: WithDefault<string | null>
  /** The last ones. */
  tries: ColumnType<Try[], never, never>
  first_tried_at: MaybeTime
  created_at: Time
  delivered_at: MaybeTime
}

/** An endpoint and an asset: what waits in it goes out one after the other. */
export type DeliveryLanesTable = {
  webhook_id: string
  asset_id: string
  /** When it may be taken. Whoever takes it moves this on, so that after a death it comes round by itself. */
  next_at: Time
  /** Set together with `next_at` by whoever takes it: while the two are the same and it has not come, somebody is at it. */
  leased_until: MaybeTime
  /** Raised by every taking; what comes of it names it. */
  run: WithDefault<number>
}
