import { forgottenSuite } from './forgotten.suite.ts'
import { testRedis } from './setup/test-redis.ts'

forgottenSuite({ name: 'Redis', queueUrl: async () => testRedis() })
