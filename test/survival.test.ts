import pg from 'pg'
import { survivalSuite } from './survival.suite.ts'

survivalSuite({
  name: 'Postgres',
  queueUrl: () => undefined,
  async lose(house) {
    const client = new pg.Client({ connectionString: house.databaseUrl })
    await client.connect()
    const { rows } = await client.query<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%'",
    )
    await client.query(`TRUNCATE ${rows.map((row) => `bullmq.${row.name}`).join(', ')} CASCADE`)
    await client.end()
  },
})
