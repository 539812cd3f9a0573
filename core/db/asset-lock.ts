import { sql } from 'kysely'
import type { Database } from './open.ts'

/** One at a time for an asset, whichever process it is in. Released also when this process dies, with its connection. */
export async function withAssetLock<Result>(
  db: Database,
  assetId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  return db.connection().execute(async (connection) => {
    await sql`SELECT pg_advisory_lock(hashtextextended(${assetId}, 1))`.execute(connection)
    try {
      return await work()
    } finally {
      await sql`SELECT pg_advisory_unlock(hashtextextended(${assetId}, 1))`.execute(connection)
    }
  })
}
