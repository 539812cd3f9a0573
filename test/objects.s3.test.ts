import { expect, test } from 'vitest'
import { newSource } from '../core/new-source.ts'
import { openS3Storage } from '../core/storage/s3.ts'
import { type ObjectPlaces, objectSuite, type Shelf } from './objects.suite.ts'
import { atEnd } from './setup/at-end.ts'
import { testBucket } from './setup/bucket.ts'
import { testHouse } from './setup/house.ts'

const headers = { contentType: 'application/octet-stream', cacheControl: 'no-store' }

function shelf(env: Record<string, string>): Shelf {
  const bucket = env['S3_BUCKET'] ?? ''
  const storage = openS3Storage({
    driver: 's3',
    bucket,
    endpoint: env['S3_ENDPOINT'],
    region: env['S3_REGION'] ?? '',
    accessKeyId: env['S3_ACCESS_KEY_ID'],
    secretAccessKey: env['S3_SECRET_ACCESS_KEY'],
    forcePathStyle: true,
  })
  atEnd(() => storage.close())
  return {
    address: (key) => `s3://${bucket}/${key}`,
    write: async (key, bytes) => void (await storage.put(key, bytes, headers)),
    read: async (key) => (await storage.head(key)) && Buffer.concat(await (await storage.get(key)).toArray()),
    remove: (key) => storage.delete([key]),
  }
}

async function open(): Promise<ObjectPlaces> {
  const [own, listed, unlisted] = await Promise.all([testBucket(), testBucket(), testBucket()])
  const house = await testHouse({ env: { ...own, SOURCE_BUCKETS: listed['S3_BUCKET'] ?? '' } })
  const other = shelf(unlisted)
  await other.write('a.jpg', Buffer.from('x'))
  return { house, listed: shelf(listed), own: shelf(own), unlisted: other.address('a.jpg') }
}

objectSuite({ name: 'in a bucket', open })

test('a bucket on the list that is not there has no objects', async () => {
  const house = await testHouse({ env: { ...(await testBucket()), SOURCE_BUCKETS: 'no-such-bucket' } })
  const asked = newSource(house, { source: { object: 's3://no-such-bucket/a.jpg' }, tenant: 'default' })
  await expect(asked).rejects.toMatchObject({ code: 'source_unavailable' })
})
