import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { keptAlive } from './kept-alive.ts'
import { lentConnections } from './lent-connections.ts'
import type { Tables } from './schema.ts'

export type Database = Kysely<Tables>

/** bigint columns here are byte counts and sequences, far below 2^53, so they come as numbers. */
const readTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/** No statement of ours takes as long. */
export const answerMs = 20_000

type Options = {
  url: string
  name: string
  connections?: number
  /** How long an answer is waited for. */
  answerMs?: number
  onError: (error: Error) => void
}

/** A pool of connections; the caller destroys it. `onError` hears of idle connections that broke, which the pool replaces by itself. */
export const openDatabase = (options: Options): Database =>
  new Kysely<Tables>({ dialect: new PostgresDialect({ pool: lentConnections(openPool(options)) }) })

/** Of its own for whoever puts something between the statements and the connections. */
export function openPool(options: Options): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.name,
    max: options.connections ?? 10,
    connectionTimeoutMillis: 10_000,
    ...keptAlive,
    // A server that hangs without closing must not hold a lease, a request or a chore for ever.
    query_timeout: options.answerMs ?? answerMs,
    types: readTypes,
  })
  pool.on('error', options.onError)
  // While it is lent out, a connection has no other listener, and an error that nobody hears ends the process.
  pool.on('connect', (client) => client.on('error', options.onError))
  return pool
}
