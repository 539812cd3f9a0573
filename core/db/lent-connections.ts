import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type pg from 'pg'

/**
 * Connections as Kysely lends them. One on which an answer was waited for in vain is not given back to the pool: a network may have
 * forgotten it without telling either end, and whoever got it next would wait as long. Until it is let go nothing is asked on it.
 */
export function lentConnections(pool: pg.Pool): PostgresPool {
  const lent = new WeakMap<pg.PoolClient, PostgresPoolClient>()
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      const known = lent.get(client) ?? watched(client)
      lent.set(client, known)
      return known
    },
  }
}

/** What pg calls an answer that did not come within `query_timeout`. */
export const isUnanswered = (error: unknown): error is Error =>
  error instanceof Error && error.message === 'Query read timeout'

/** Kysely's own interface has cursors too, which are not used here. */
type Lent = { query(text: string, values: unknown[]): Promise<unknown>; release(): void }

function watched(client: pg.PoolClient): PostgresPoolClient {
  let unanswered: Error | undefined
  const lent: Lent = {
    async query(text, values) {
      if (unanswered) throw unanswered
      try {
        return await client.query(text, values)
      } catch (error) {
        if (isUnanswered(error)) unanswered = error
        throw error
      }
    },
    release: () => client.release(unanswered !== undefined),
  }
  return lent as unknown as PostgresPoolClient
}
