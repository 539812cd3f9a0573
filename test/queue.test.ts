import { queueBackendSuite } from './queue.suite.ts'
import { emptyPostgresQueue } from './setup/lose-queue.ts'

queueBackendSuite({
  name: 'Postgres',
  queueUrl: () => undefined,
  lose: (house) => emptyPostgresQueue(house.databaseUrl),
})
