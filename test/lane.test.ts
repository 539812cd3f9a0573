import { laneSuite } from './lane.suite.ts'

laneSuite({ name: 'Postgres', queueUrl: () => undefined })
