import { chunksSuite } from './chunks.suite.ts'

chunksSuite({ name: 'local storage', env: async () => ({}) })
