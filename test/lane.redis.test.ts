import { laneSuite } from './lane.suite.ts'
import { testRedis } from './setup/test-redis.ts'

laneSuite({ name: 'Redis', queueUrl: testRedis })
