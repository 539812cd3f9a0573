import { expect, inject, test } from 'vitest'
import { refuseUnwritable } from './refuse-unwritable.ts'
import { openS3Storage } from './s3.ts'

const open = (own: { bucket: string; endpoint?: string; secretAccessKey?: string }) =>
  openS3Storage({ driver: 's3', ...inject('s3'), forcePathStyle: true, ...own })

test.each([
  ['a bucket that is not there', {}],
  ['keys that the store does not know', { secretAccessKey: 'wrong' }],
])('%s is refused at the start', async (_name, own) => {
  const storage = open({ bucket: 'sluice-test-that-nobody-made', ...own })
  await expect(refuseUnwritable(storage)).rejects.toMatchObject({
    code: 'storage_not_writable',
    message: expect.stringContaining('S3_BUCKET'),
  })
  await storage.close()
})

test('a store that is away is no reason not to start', async () => {
  const storage = open({ bucket: 'sluice-test-that-nobody-made', endpoint: 'http://127.0.0.1:9' })
  await refuseUnwritable(storage)
  await storage.close()
})
