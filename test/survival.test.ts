import { emptyPostgresQueue } from './setup/lose-queue.ts'
import { survivalSuite } from './survival.suite.ts'

survivalSuite({
  name: 'Postgres',
  queueUrl: () => undefined,
  lose: (house) => emptyPostgresQueue(house.databaseUrl),
})
