import { beforeAll, expect, it } from 'vitest'
import { loadConfig } from '../core/config.ts'
import { openS3Storage, type S3Storage } from '../core/storage/s3.ts'
import { storageSettings } from '../core/storage/settings.ts'
import { directSuite } from './direct.suite.ts'
import { atEnd } from './setup/at-end.ts'
import { testBucket } from './setup/bucket.ts'

directSuite({ name: 'S3', env: testBucket })

let storage: S3Storage
beforeAll(async () => {
  const settings = storageSettings(loadConfig({ ...(await testBucket()), AUTH: 'none' }))
  if (settings.driver !== 's3') throw new Error('this bucket is not on S3')
  storage = openS3Storage(settings)
  atEnd(() => storage.close())
})

const text = { contentType: 'text/plain', cacheControl: 'no-cache' }

// The weakness of CVE-2026-97731: a header that nobody signed makes a copy of what the signer may read.
it('an address for a part copies nothing from another key, however its holder asks', async () => {
  await storage.put('b/secret.txt', Buffer.from('the secret of another'), text)
  const open = (await storage.parts?.begin('a/mine.bin', text)) ?? { key: '', uploadId: '' }
  try {
    const [, bucket] = /^[^/]+\/\/[^/]+\/([^/]+)/.exec(storage.publicUrl('x')) ?? []
    for (const bytes of [undefined, 0, 21]) {
      const part = { partNumber: 1, expiresInSeconds: 60, ...(bytes === undefined ? {} : { bytes }) }
      const url = (await storage.parts?.address(open, part)) ?? ''
      const headers = { 'x-amz-copy-source': `${bucket}/b/secret.txt` }
      const answer = await fetch(url, { method: 'PUT', headers, body: bytes ? 'x'.repeat(bytes) : '' })
      expect(answer.status).toBe(403)
    }
    expect(await storage.parts?.list(open)).toEqual([])
  } finally {
    await storage.parts?.abort(open)
  }
})
