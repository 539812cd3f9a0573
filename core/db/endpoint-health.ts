import { sql } from 'kysely'
import { insertEvent } from './events.ts'
import type { Database } from './open.ts'
import { webhookView } from './webhook-view.ts'

/** When an endpoint is given up by itself. */
export type Patience = { disableAfterMs: number; disableAfterFailures: number }

/** Notes how an endpoint does. Written only where it changes something, so that many good answers do not queue up for one row. */
export async function noteGood(db: Database, webhookId: string, { healthy }: { healthy: boolean }): Promise<void> {
  await db
    .updateTable('webhooks')
    .set({ healthy, failures: 0, failing_since: null })
    .where('id', '=', webhookId)
    .where(({ eb, or }) => or([eb('healthy', '!=', healthy), eb('failures', '>', 0)]))
    .execute()
}

/** One more failure in a row. An endpoint that says it is gone, or has failed for days, is disabled, which is an event itself; true then. */
export async function noteBad(
  db: Database,
  webhookId: string,
  { gone, disableAfterMs, disableAfterFailures }: Patience & { gone: boolean },
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const row = await trx
      .updateTable('webhooks')
      .set({ healthy: false, failures: sql`failures + 1`, failing_since: sql<Date>`coalesce(failing_since, now())` })
      .where('id', '=', webhookId)
      .returning([
        'failures',
        'origin',
        'disabled_at',
        sql<boolean>`failing_since < now() - ${disableAfterMs} * interval '1 millisecond'`.as('long'),
      ])
      .executeTakeFirst()
    // Where nobody registered it there is nobody to enable it again.
    if (row === undefined || row.origin !== null || row.disabled_at !== null) return false
    if (!gone && !(row.long && row.failures >= disableAfterFailures)) return false
    const webhook = await trx
      .updateTable('webhooks')
      .set({ disabled_at: sql<Date>`now()`, disabled_reason: gone ? 'gone' : 'failing' })
      .where('id', '=', webhookId)
      .returningAll()
      .executeTakeFirstOrThrow()
    await insertEvent(trx, { asset: webhook, type: 'webhook.disabled', data: webhookView(webhook) })
    return true
  })
}
