import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresDialect,
  type RootOperationNode,
} from 'kysely'
import { type Database, openPool } from '../../../core/db/open.ts'
import type { Tables } from '../../../core/db/schema.ts'
import { type Cost, costOf } from './plan-cost.ts'

export type Explained = Cost & { sql: string }

type Options = { url: string; onError: (error: Error) => void; hear: (statement: Explained) => void }

/**
 * A database of which one hears what each statement had to read: before it runs, it is run for `EXPLAIN ANALYZE` and taken back.
 * That doubles all work, and ids from sequences have gaps.
 */
export function explainedDatabase({ hear, ...options }: Options): Database {
  const base = new PostgresDialect({ pool: openPool({ ...options, name: 'explained' }) })
  const dialect: Dialect = {
    createDriver: () => explaining(base.createDriver(), hear),
    createQueryCompiler: () => base.createQueryCompiler(),
    createAdapter: () => base.createAdapter(),
    createIntrospector: (db) => base.createIntrospector(db),
  }
  return new Kysely<Tables>({ dialect })
}

function explaining(driver: Driver, hear: Options['hear']): Driver {
  const originals = new WeakMap<DatabaseConnection, DatabaseConnection>()
  const inTransaction = new WeakSet<DatabaseConnection>()
  const original = (connection: DatabaseConnection) => originals.get(connection) ?? connection
  const over = (connection: DatabaseConnection) => {
    inTransaction.delete(connection)
    return original(connection)
  }
  return {
    init: (options) => driver.init(options),
    async acquireConnection(options) {
      const real = await driver.acquireConnection(options)
      const watched: DatabaseConnection = {
        async executeQuery(query, more) {
          if (isData(query.query)) hear({ sql: query.sql, ...(await explain(real, query, inTransaction.has(watched))) })
          return real.executeQuery(query, more)
        },
        streamQuery: (query, size, more) => real.streamQuery(query, size, more),
      }
      originals.set(watched, real)
      return watched
    },
    beginTransaction(connection, settings) {
      inTransaction.add(connection)
      return driver.beginTransaction(original(connection), settings)
    },
    commitTransaction: (connection) => driver.commitTransaction(over(connection)),
    rollbackTransaction: (connection) => driver.rollbackTransaction(over(connection)),
    releaseConnection: (connection, options) => driver.releaseConnection(original(connection), options),
    destroy: (options) => driver.destroy(options),
  }
}

const isData = ({ kind }: RootOperationNode) => /^(Select|Insert|Update|Delete|Raw)/.test(kind)

/** The planner sees the same values as for the statement itself, so it decides the same. */
async function explain(connection: DatabaseConnection, query: CompiledQuery, nested: boolean): Promise<Cost> {
  const run = (sql: string) => connection.executeQuery<{ 'QUERY PLAN': unknown }>(CompiledQuery.raw(sql))
  await run(nested ? 'SAVEPOINT explained' : 'BEGIN')
  try {
    const text = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${query.sql}`
    const { rows } = await connection.executeQuery<{ 'QUERY PLAN': unknown }>(
      CompiledQuery.raw(text, [...query.parameters]),
    )
    return costOf(rows[0]?.['QUERY PLAN'])
  } finally {
    await run(nested ? 'ROLLBACK TO SAVEPOINT explained' : 'ROLLBACK')
  }
}
