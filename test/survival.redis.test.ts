import { Redis } from 'ioredis'
import { inject } from 'vitest'
import { survivalSuite } from './survival.suite.ts'

survivalSuite({
  name: 'Redis',
  queueUrl: () => inject('redis').url,
  async lose() {
    const client = new Redis(inject('redis').url)
    await client.flushall()
    client.disconnect()
  },
})
