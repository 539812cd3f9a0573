import { testBucket } from './setup/bucket.ts'
import { wholeSuite } from './whole.suite.ts'

wholeSuite({ name: 'Postgres and S3', options: async () => ({ env: await testBucket() }) })
