import { Redis } from 'ioredis'
import { inject } from 'vitest'
import { queueBackendSuite } from './queue.suite.ts'

queueBackendSuite({
  name: 'Redis',
  queueUrl: () => inject('redis').url,
  async lose(house) {
    const client = new Redis(house.config.queueUrl ?? '')
    await client.flushall()
    client.disconnect()
  },
})
