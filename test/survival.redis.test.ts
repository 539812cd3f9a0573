import { inject } from 'vitest'
import { emptyRedis } from './setup/lose-queue.ts'
import { survivalSuite } from './survival.suite.ts'

survivalSuite({
  name: 'Redis',
  queueUrl: () => inject('redis').url,
  lose: () => emptyRedis(inject('redis').url),
})
