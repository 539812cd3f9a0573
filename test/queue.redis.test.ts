import { inject } from 'vitest'
import { queueBackendSuite } from './queue.suite.ts'
import { emptyRedis } from './setup/lose-queue.ts'

queueBackendSuite({
  name: 'Redis',
  queueUrl: () => inject('redis').url,
  lose: () => emptyRedis(inject('redis').url),
})
