import { wholeSuite } from './whole.suite.ts'

wholeSuite({ name: 'Postgres and local disk', options: async () => ({}) })
