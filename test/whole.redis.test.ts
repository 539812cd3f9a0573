import { testRedis } from './setup/test-redis.ts'
import { wholeSuite } from './whole.suite.ts'

wholeSuite({ name: 'Redis and local disk', options: async () => ({ queueUrl: testRedis() }) })
