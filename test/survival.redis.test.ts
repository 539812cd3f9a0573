import { emptyRedis } from './setup/lose-queue.ts'
import { testRedis } from './setup/test-redis.ts'
import { survivalSuite } from './survival.suite.ts'

survivalSuite({
  name: 'Redis',
  queueUrl: testRedis,
  lose: () => emptyRedis(testRedis()),
})
