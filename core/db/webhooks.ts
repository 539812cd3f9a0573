import { randomBytes } from 'node:crypto'
import { type Selectable, sql } from 'kysely'
import { SluiceError } from '../errors.ts'
import { newId } from '../ids.ts'
import { soon } from './delivery-lanes.ts'
import type { Database } from './open.ts'
import type { Trx } from './tasks.ts'
import type { WebhooksTable } from './webhook-schema.ts'

export type Webhook = Selectable<WebhooksTable>
type Key = { id: string; tenant: string }

/** Each is one more delivery of every event. */
const mostOfTenant = 20

/** How long a secret that was replaced signs along. */
const oldSecretHours = 24

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`

/** An endpoint that somebody registers, with a secret of its own. */
export async function createWebhook(
  db: Database,
  { id, tenant, url, events }: { id: string; tenant: string; url: string; events: string[] },
): Promise<Webhook> {
  return db.transaction().execute(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`webhooks ${tenant}`}, 6))`.execute(trx)
    const made = await ofTenant(trx, tenant).selectAll().where('id', '=', id).executeTakeFirst()
    if (made !== undefined) return made
    const before = await registered(trx, tenant).select('id').execute()
    if (before.length >= mostOfTenant)
      throw new SluiceError('too_many_webhooks', { message: `${tenant} has ${before.length} webhooks` })
    const row = { id, tenant, url, events, secret: newSecret() }
    return trx.insertInto('webhooks').values(row).returningAll().executeTakeFirstOrThrow()
  })
}

const ofTenant = (db: Database | Trx, tenant: string) =>
  db.selectFrom('webhooks').where('tenant', '=', tenant).where('origin', 'is', null)

const registered = (db: Database | Trx, tenant: string) => ofTenant(db, tenant).where('deleted_at', 'is', null)

/** Those that somebody registered, the newest first; there are few. */
export const listWebhooks = (db: Database, tenant: string): Promise<Webhook[]> =>
  registered(db, tenant).selectAll().orderBy('id', 'desc').execute()

export const findWebhook = (db: Database | Trx, { id, tenant }: Key): Promise<Webhook | undefined> =>
  registered(db, tenant).selectAll().where('id', '=', id).executeTakeFirst()

/** Nothing that waits for it is sent any more. The row is only marked: there may be very much that goes with it. False: it is not there. */
export async function deleteWebhook(db: Database, { id, tenant }: Key): Promise<boolean> {
  const row = await db
    .updateTable('webhooks')
    .set({ deleted_at: sql<Date>`now()`, disabled_at: sql<Date>`coalesce(disabled_at, now())` })
    .where('id', '=', id)
    .where('tenant', '=', tenant)
    .where('origin', 'is', null)
    .where('deleted_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** It is told of events again, and what still waits for it is tried at once, as if it never had been. One that is enabled stays as it is. */
export async function enableWebhook(db: Database, { id, tenant }: Key): Promise<Webhook | undefined> {
  return db.transaction().execute(async (trx) => {
    const webhook = await trx
      .updateTable('webhooks')
      .set({ disabled_at: null, disabled_reason: null, failing_since: null, failures: 0, enabled_at: sql<Date>`now()` })
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .where('origin', 'is', null)
      .where('disabled_at', 'is not', null)
      .where('deleted_at', 'is', null)
      .returningAll()
      .executeTakeFirst()
    if (webhook === undefined) return findWebhook(trx, { id, tenant })
    await trx.updateTable('delivery_lanes').set({ next_at: soon }).where('webhook_id', '=', id).execute()
    return webhook
  })
}

/** What a replaced secret becomes: it signs along for a day, so that receivers can be changed one after the other. */
const rotated = { previous_until: sql<Date>`now() + ${oldSecretHours} * interval '1 hour'` }

/** A new secret for an endpoint. */
export async function rotateSecret(db: Database, { id, tenant }: Key): Promise<Webhook | undefined> {
  return db
    .updateTable('webhooks')
    .set({ ...rotated, previous_secret: sql<string>`secret`, secret: newSecret() })
    .where('id', '=', id)
    .where('tenant', '=', tenant)
    .where('origin', 'is', null)
    .where('deleted_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
}

/** A new secret of a tenant, for the addresses that its assets bear by themselves. */
export async function rotateTenantSecret(db: Database, tenant: string): Promise<string> {
  const secret = newSecret()
  await db
    .insertInto('webhook_secrets')
    .values({ tenant, secret })
    .onConflict((conflict) =>
      conflict.column('tenant').doUpdateSet({
        ...rotated,
        previous_secret: sql<string>`webhook_secrets.secret`,
        secret: (row) => row.ref('excluded.secret'),
      }),
    )
    .execute()
  return secret
}

/** The hosts of addresses that assets bear by themselves, each with a row of its own. Gives their ids, by tenant and origin. */
export async function originRows(
  trx: Trx,
  wanted: { tenant: string; origin: string }[],
): Promise<{ id: string; tenant: string; origin: string | null }[]> {
  if (wanted.length === 0) return []
  const rows = wanted.map(({ tenant, origin }) => ({
    id: newId(),
    tenant,
    url: origin,
    origin,
    events: [],
    secret: '',
  }))
  await trx
    .insertInto('webhooks')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const secrets = [...new Set(wanted.map(({ tenant }) => tenant))].map((tenant) => ({ tenant, secret: newSecret() }))
  await trx
    .insertInto('webhook_secrets')
    .values(secrets)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return trx
    .selectFrom('webhooks')
    .select(['id', 'tenant', 'origin'])
    .where('tenant', 'in', [...new Set(wanted.map(({ tenant }) => tenant))])
    .where('origin', 'in', [...new Set(wanted.map(({ origin }) => origin))])
    .forKeyShare()
    .execute()
}
