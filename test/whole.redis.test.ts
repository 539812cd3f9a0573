import { inject } from 'vitest'
import { wholeSuite } from './whole.suite.ts'

wholeSuite({ name: 'Redis and local disk', options: async () => ({ queueUrl: inject('redis').url }) })
