import { sql } from 'kysely'
import type { Database } from './open.ts'

/** A worker says now and then that it lives, and which walls its machine cannot put around decoders. */
export async function tellOfWorker(
  db: Database,
  { name, missing }: { name: string; missing: string[] },
): Promise<void> {
  await db
    .insertInto('workers')
    .values({ name, missing: JSON.stringify(missing) })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet({ missing: JSON.stringify(missing), seen_at: sql`now()` }),
    )
    .execute()
  await db.deleteFrom('workers').where('seen_at', '<', sql<Date>`now() - interval '1 hour'`).execute()
}

export async function forgetWorker(db: Database, name: string): Promise<void> {
  await db.deleteFrom('workers').where('name', '=', name).execute()
}

/** How many workers were there in the last minute, and what any of them is without. */
export async function livingWorkers(db: Database): Promise<{ living: number; missing: string[] }> {
  const rows = await db
    .selectFrom('workers')
    .select('missing')
    .where('seen_at', '>', sql<Date>`now() - interval '1 minute'`)
    .execute()
  return { living: rows.length, missing: [...new Set(rows.flatMap(({ missing }) => missing))].sort() }
}
