import { Redis } from 'ioredis'
import { query } from './postgres-desk.ts'

/** Everything that BullMQ keeps in Postgres is gone; its tables stay. */
export async function emptyPostgresQueue(url: string): Promise<void> {
  const tables = await query({
    url,
    sql: "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%'",
  })
  await query({ url, sql: `TRUNCATE ${tables.map((table) => `bullmq.${table['name']}`).join(', ')} CASCADE` })
}

/** Everything in this database of Redis is gone. */
export async function emptyRedis(url: string): Promise<void> {
  const client = new Redis(url)
  await client.flushdb()
  client.disconnect()
}
