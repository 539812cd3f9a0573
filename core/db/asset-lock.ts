import { sql } from 'kysely'
import { SluiceError } from '../errors.ts'
import type { Database } from './open.ts'

/** Shorter than any limit on a statement, so that a connection whose wait was given up never gets the lock unseen. */
const waitAtMost = '10s'
const lockNotAvailable = '55P03'

/** One at a time for an asset, whichever process it is in. Released also when this process dies, with its connection. */
export async function withAssetLock<Result>(
  db: Database,
  assetId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  return db.connection().execute(async (connection) => {
    // Stays with this connection of the pool, where nothing else should wait longer for a lock either.
    await sql`SELECT set_config('lock_timeout', ${waitAtMost}, false)`.execute(connection)
    try {
      await sql`SELECT pg_advisory_lock(hashtextextended(${assetId}, 1))`.execute(connection)
    } catch (error) {
      throw stillHeld(assetId, error)
    }
    return workAndRelease({ connection, assetId, work })
  })
}

/**
 * The same without waiting: undefined, and nothing done, when somebody else has the lock. The work is given the lock's
 * own connection: many at once that each waited for a second one would empty the pool and wait for ever.
 */
export async function ifAssetUnlocked<Result>(
  db: Database,
  assetId: string,
  work: (connection: Database) => Promise<Result>,
): Promise<Result | undefined> {
  return db.connection().execute(async (connection) => {
    const lock = sql<{ got: boolean }>`SELECT pg_try_advisory_lock(hashtextextended(${assetId}, 1)) AS got`
    const { rows } = await lock.execute(connection)
    return rows[0]?.got ? workAndRelease({ connection, assetId, work: () => work(connection) }) : undefined
  })
}

async function workAndRelease<Result>(options: {
  connection: Database
  assetId: string
  work: () => Promise<Result>
}): Promise<Result> {
  try {
    return await options.work()
  } finally {
    await sql`SELECT pg_advisory_unlock(hashtextextended(${options.assetId}, 1))`.execute(options.connection)
  }
}

function stillHeld(assetId: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === lockNotAvailable)) return error
  return new SluiceError('unavailable', {
    message: `somebody else works on asset ${assetId}`,
    cause: error,
    retryAfterMs: 1_000,
  })
}
