import { sql } from 'kysely'
import { queueBackendSuite } from './queue.suite.ts'

queueBackendSuite({
  name: 'Postgres',
  queueUrl: () => undefined,
  async lose(house) {
    const { rows } = await sql<{ name: string }>`
      SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%'`.execute(
      house.db,
    )
    await sql.raw(`TRUNCATE ${rows.map((row) => `bullmq.${row.name}`).join(', ')} CASCADE`).execute(house.db)
  },
})
