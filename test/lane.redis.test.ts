import { inject } from 'vitest'
import { laneSuite } from './lane.suite.ts'

laneSuite({ name: 'Redis', queueUrl: () => inject('redis').url })
