import { queueBackendSuite } from './queue.suite.ts'
import { emptyRedis } from './setup/lose-queue.ts'
import { testRedis } from './setup/test-redis.ts'

queueBackendSuite({
  name: 'Redis',
  queueUrl: testRedis,
  lose: () => emptyRedis(testRedis()),
})
