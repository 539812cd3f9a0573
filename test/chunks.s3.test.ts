import { chunksSuite } from './chunks.suite.ts'
import { testBucket } from './setup/bucket.ts'

chunksSuite({ name: 'S3', env: testBucket })
