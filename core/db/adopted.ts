import { sql } from 'kysely'
import type { Database } from './open.ts'

/** Of these objects those that a tenant has as assets already. */
export async function adoptedOf(
  db: Database,
  { tenant, objects }: { tenant: string; objects: string[] },
): Promise<Set<string>> {
  if (objects.length === 0) return new Set()
  const { rows } = await sql<{ object: string }>`
    SELECT source_object AS object FROM assets
    WHERE source_object IS NOT NULL AND md5(source_object) = ANY (SELECT md5(unnest(${objects}::text[])))
      AND source_object = ANY (${objects}::text[]) AND tenant = ${tenant} AND deleted_at IS NULL`.execute(db)
  return new Set(rows.map(({ object }) => object))
}

/** One at a time for a tenant, so that two who take over the same folder do not both make its assets. Undefined: somebody else is at it. */
export async function whileAdopting<Result>(
  db: Database,
  tenant: string,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  return db.connection().execute(async (connection) => {
    const lock = sql`hashtextextended(${`adopt ${tenant}`}, 2)`
    const { rows } = await sql<{ got: boolean }>`SELECT pg_try_advisory_lock(${lock}) AS got`.execute(connection)
    if (!rows[0]?.got) return undefined
    try {
      return await work()
    } finally {
      await sql`SELECT pg_advisory_unlock(${lock})`.execute(connection)
    }
  })
}
