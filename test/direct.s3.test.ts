import { beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../core/config.ts'
import { openS3Storage, type S3Settings, type S3Storage } from '../core/storage/s3.ts'
import { storageSettings } from '../core/storage/settings.ts'
import { directSuite } from './direct.suite.ts'
import { atEnd } from './setup/at-end.ts'
import { testBucket } from './setup/bucket.ts'

directSuite({ name: 'S3, as far as this store is to be trusted', env: testBucket })
directSuite({ name: 'S3, to the store itself', env: testBucket, atStore: true })

const text = { contentType: 'text/plain', cacheControl: 'no-cache' }

describe('an address for a part', () => {
  let settings: S3Settings
  let storage: S3Storage
  beforeAll(async () => {
    const read = storageSettings(loadConfig({ ...(await testBucket()), AUTH: 'none', SIGNING_SECRET: 'x'.repeat(16) }))
    if (read.driver !== 's3') throw new Error('this bucket is not on S3')
    settings = read
    storage = openS3Storage(settings)
    atEnd(() => storage.close())
  })

  /** What comes of asking the store to copy another's object in place of a body. */
  async function copied(bytes: number | undefined): Promise<boolean> {
    const { parts } = storage
    if (parts === undefined) throw new Error('this store takes no parts')
    await storage.put('b/secret.txt', Buffer.from('the secret of another'), text)
    const open = await parts.begin('a/mine.bin', text)
    try {
      const part = { partNumber: 1, expiresInSeconds: 60, ...(bytes === undefined ? {} : { bytes }) }
      const headers = { 'x-amz-copy-source': `${settings.bucket}/b/secret.txt` }
      const body = 'x'.repeat(bytes ?? 0)
      await fetch(await parts.address(open, part), { method: 'PUT', headers, body })
      return (await parts.list(open))?.length !== 0
    } finally {
      await parts.abort(open)
    }
  }

  it('whose parts are joined already, by a process that died before it could say so, may be joined again', async () => {
    const { parts } = storage
    if (parts === undefined) throw new Error('this store takes no parts')
    const open = await parts.begin('a/joined.bin', text)
    const address = await parts.address(open, { partNumber: 1, bytes: 5, expiresInSeconds: 60 })
    const { headers } = await fetch(address, { method: 'PUT', body: 'hello' })
    const listed = [{ partNumber: 1, etag: headers.get('etag') ?? '' }]
    await parts.join(open, listed)
    await parts.join(open, listed)
    expect(await parts.list(open)).toBeUndefined()
    expect(await storage.head(open.key)).toMatchObject({ bytes: 5 })
    await storage.put(open.key, Buffer.from('another'), text)
    await parts.join(open, listed)
    expect(await storage.head(open.key)).toMatchObject({ bytes: 7 })
  })

  it('whose parts were taken back before they could be joined is over, and no store that is away', async () => {
    const { parts } = storage
    if (parts === undefined) throw new Error('this store takes no parts')
    const open = await parts.begin('a/gone.bin', text)
    const address = await parts.address(open, { partNumber: 1, bytes: 5, expiresInSeconds: 60 })
    const { headers } = await fetch(address, { method: 'PUT', body: 'hello' })
    await parts.abort(open)
    await parts.join(open, [{ partNumber: 1, etag: headers.get('etag') ?? '' }])
    expect([await parts.list(open), await storage.head(open.key)]).toEqual([undefined, undefined])
  })

  // CVE-2026-97731 of MinIO; Ceph 16 was found to do the same.
  it('is given out only by a store that was tried, and copied nothing for a header which nobody signed', async () => {
    expect(await storage.parts?.trusted()).toBe(!(await copied(undefined)))
    const left: string[] = []
    for await (const { key } of storage.list('sluice-check')) left.push(key)
    expect(left).toEqual([])
  })
})
