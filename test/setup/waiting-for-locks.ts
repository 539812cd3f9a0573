import { sql } from 'kysely'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import type { Database } from '../../core/db/open.ts'

/** Comes back when so many statements like this one wait for locks that others hold. */
export async function waitingForLocks(db: Database, { many, like = '%' }: { many: number; like?: string }) {
  const asked = sql`SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE ${like}`
  await waitUntil({
    what: `${many} that wait for a lock`,
    timeoutMs: 30_000,
    ask: async () => (await asked.execute(db)).rows.length >= many || undefined,
  })
}
