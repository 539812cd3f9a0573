import { sql } from 'kysely'
import { isId } from '../ids.ts'
import { type ObjectSet, setOfKey } from '../storage/keys.ts'
import type { Places } from '../storage/spooling.ts'
import type { Database } from './open.ts'

/** Which sets lie in the spool, as all processes know it. */
export function placesIn(db: Database): Places {
  return {
    async isSpooled({ id, folder }) {
      const row = await db
        .selectFrom('spooled')
        .select('id')
        .where('id', '=', id)
        .where('folder', '=', folder)
        .where('home_at', 'is', null)
        .executeTakeFirst()
      return row !== undefined
    },
    async note({ id, tenant, folder }) {
      await db
        .insertInto('spooled')
        .values({ id, tenant, folder })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
    async forget(prefix) {
      const set = setOfKey(prefix)
      const [, id] = prefix.split('/')
      if (id === undefined || !isId(id)) return
      await db
        .deleteFrom('spooled')
        .where('id', '=', id)
        .$if(set !== undefined, (query) => query.where('folder', '=', set?.folder ?? ''))
        .execute()
    },
  }
}

/** Whether anything lies in a spool at all. */
export async function anySpooled(db: Database): Promise<boolean> {
  return (await db.selectFrom('spooled').select('id').limit(1).executeTakeFirst()) !== undefined
}

/** What came home this long ago: whoever looked before that for where it lies has opened it by now. */
export async function setsBroughtHome(db: Database, { restMs }: { restMs: number }): Promise<ObjectSet[]> {
  return db
    .selectFrom('spooled')
    .select(['id', 'tenant', 'folder'])
    .where('home_at', '<=', sql<Date>`now() - ${restMs} * interval '1 millisecond'`)
    .limit(100)
    .execute()
}

export async function forgetSet(db: Database, { id, folder }: ObjectSet): Promise<void> {
  await db.deleteFrom('spooled').where('id', '=', id).where('folder', '=', folder).execute()
}

/** Sets that no asset and no upload will ever fill: their first object was never written, or its request never counted. */
export async function idleSets(db: Database, { restMs }: { restMs: number }): Promise<ObjectSet[]> {
  return db
    .selectFrom('spooled')
    .select(['spooled.id', 'spooled.tenant', 'spooled.folder'])
    .where('made_at', '<=', sql<Date>`now() - ${restMs} * interval '1 millisecond'`)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('assets')
            .select('assets.id')
            .whereRef('assets.id', '=', 'spooled.id')
            .where('deleted_at', 'is', null),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('uploads')
            .select('uploads.id')
            .whereRef('uploads.id', '=', 'spooled.id')
            .where('status', '=', 'open'),
        ),
      ),
    )
    .orderBy('made_at')
    .limit(100)
    .execute()
}

/** What waits in the spool for the store to come back: how many sets, up to `most`, and for how many seconds the first. */
export async function spoolBacklog(
  db: Database,
  { most }: { most: number },
): Promise<{ sets: number; seconds: number }> {
  const { rows } = await sql<{ sets: number; seconds: number }>`
    SELECT count(*)::float8 AS sets, coalesce(extract(epoch FROM now() - min(made_at)), 0)::float8 AS seconds
    FROM (SELECT made_at FROM spooled WHERE home_at IS NULL ORDER BY made_at LIMIT ${most}) AS waiting`.execute(db)
  return rows[0] ?? { sets: 0, seconds: 0 }
}
