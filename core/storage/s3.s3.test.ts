import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  ListMultipartUploadsCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { storageContract } from './contract.suite.ts'
import { openS3Storage } from './s3.ts'
import { openBucket } from './s3-client.ts'
import { copyInParts } from './s3-copy.ts'
import type { Storage } from './storage.ts'

async function openBench() {
  const { endpoint, region, accessKeyId, secretAccessKey } = inject('s3')
  const Bucket = `sluice-test-${randomUUID()}`
  const admin = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } })
  await admin.send(new CreateBucketCommand({ Bucket }))
  const settings = {
    driver: 's3',
    bucket: Bucket,
    endpoint,
    region,
    accessKeyId,
    secretAccessKey,
    forcePathStyle: true,
  } as const
  const storage: Storage = openS3Storage(settings)
  return {
    admin,
    settings,
    storage,
    async leftovers() {
      const { Uploads = [] } = await admin.send(new ListMultipartUploadsCommand({ Bucket }))
      return Uploads.map(({ Key }) => Key ?? '')
    },
    async fetchSigned(url: string) {
      const response = await fetch(url)
      return { ok: response.ok, body: Buffer.from(await response.arrayBuffer()) }
    },
    async close() {
      const keys: string[] = []
      for await (const { key } of storage.list('')) keys.push(key)
      await storage.delete(keys)
      await storage.sweep({ olderThanMs: -60_000 })
      await admin.send(new DeleteBucketCommand({ Bucket }))
      admin.destroy()
      await storage.close()
    },
  }
}

storageContract('s3', openBench)

describe('S3 storage against its server', () => {
  let bench: Awaited<ReturnType<typeof openBench>>
  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench.close())

  test('type and cache header are the object’s own, in one part and in many', async () => {
    for (const size of [10, 9 * 1024 * 1024]) {
      const key = `t/a/g1/hls/${size}.m4s`
      await bench.storage.put(key, randomBytes(size), {
        contentType: 'video/mp4',
        cacheControl: 'public, max-age=31536000, immutable',
      })
      const response = await fetch(await bench.storage.signedUrl(key, { expiresInSeconds: 60 }), {
        headers: { range: 'bytes=0-3' },
      })
      expect(response.status).toBe(206)
      expect(response.headers.get('content-type')).toBe('video/mp4')
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      await response.arrayBuffer()
    }
  })

  test('a signed address of a source is a download, never a page', async () => {
    await bench.storage.put('t/a/source/evil.mp4', Buffer.from('<script>'), {
      contentType: 'video/mp4',
      cacheControl: 'private, no-store',
    })
    const response = await fetch(await bench.storage.signedUrl('t/a/source/evil.mp4', { expiresInSeconds: 60 }))
    expect(response.headers.get('content-disposition')).toBe('attachment')
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    await response.arrayBuffer()
  })

  test('a copy in parts holds the same bytes, and one that fails leaves no parts', async () => {
    const bucket = openBucket(bench.settings)
    const bytes = randomBytes(12 * 1024 * 1024 + 5)
    const headers = { contentType: 'video/mp4', cacheControl: 'no-cache' }
    await bench.storage.put('t/a/source/large ü.mp4', bytes, headers)
    const copy = {
      bucket,
      from: 't/a/source/large ü.mp4',
      to: 't/a/g1/large.mp4',
      bytes: bytes.length,
      partBytes: 5 * 1024 * 1024,
      ...headers,
    }
    await copyInParts(copy)
    expect((await buffer(await bench.storage.get('t/a/g1/large.mp4'))).equals(bytes)).toBe(true)
    await expect(copyInParts({ ...copy, from: 't/a/source/missing.mp4', to: 't/a/g1/never.mp4' })).rejects.toThrow()
    expect(await bench.leftovers()).toEqual([])
    expect(await bench.storage.head('t/a/g1/never.mp4')).toBeUndefined()
    bucket.client.destroy()
  })

  test('the sweep takes back multipart uploads of dead processes once they are old', async () => {
    await bench.admin.send(new CreateMultipartUploadCommand({ Bucket: bench.settings.bucket, Key: 't/dead.mp4' }))
    expect(await bench.storage.sweep({ olderThanMs: 60_000 })).toBe(0)
    expect(await bench.leftovers()).toEqual(['t/dead.mp4'])
    expect(await bench.storage.sweep({ olderThanMs: -60_000 })).toBe(1)
    expect(await bench.leftovers()).toEqual([])
  })

  test('a store that refuses connections, lacks the bucket or denies access is storage_unavailable, tried later', async () => {
    const later = { code: 'storage_unavailable', fate: 'later' }
    const broken = [
      { ...bench.settings, endpoint: 'http://127.0.0.1:1' },
      { ...bench.settings, bucket: `none-${randomUUID()}` },
      { ...bench.settings, secretAccessKey: 'wrong' },
    ]
    for (const settings of broken) {
      const storage = openS3Storage(settings)
      await expect(storage.check()).rejects.toMatchObject(later)
      await storage.close()
    }
  })

  test('an abort ends the wait for a store that does not answer', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const storage = openS3Storage({ ...bench.settings, endpoint: `http://127.0.0.1:${port}` })
    const controller = new AbortController()
    silent.once('request', () => controller.abort(new Error('no longer wanted')))
    await expect(storage.get('t/a.mp4', { signal: controller.signal })).rejects.toThrow('no longer wanted')
    await storage.close()
    silent.closeAllConnections()
    silent.close()
  })
})
