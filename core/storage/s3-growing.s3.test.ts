import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { AbortMultipartUploadCommand } from '@aws-sdk/client-s3'
import { beforeAll, expect, test } from 'vitest'
import { atEnd } from '../../test/setup/at-end.ts'
import { testBucket } from '../../test/setup/bucket.ts'
import { MiB, sha256 } from './contract-bench.ts'
import type { Growth, S3Growth } from './growing.ts'
import { openS3Storage } from './s3.ts'
import { type Bucket, openBucket } from './s3-client.ts'
import { crumbFolder } from './s3-crumbs.ts'
import { growOnS3 } from './s3-growing.ts'
import { completeUpload } from './s3-multipart.ts'
import { rebuild } from './s3-rebuild.ts'
import type { Storage } from './storage.ts'

const options = { contentType: 'video/mp4', cacheControl: 'private, no-store', atMost: 1024 * MiB }
let storage: Storage
let bucket: Bucket
const calls: { name: string; key: string; bytes: number }[] = []

beforeAll(async () => {
  const names = await testBucket()
  const settings = {
    driver: 's3',
    bucket: names['S3_BUCKET'] ?? '',
    endpoint: names['S3_ENDPOINT'],
    region: names['S3_REGION'] ?? '',
    accessKeyId: names['S3_ACCESS_KEY_ID'],
    secretAccessKey: names['S3_SECRET_ACCESS_KEY'],
    forcePathStyle: true,
  } as const
  bucket = openBucket(settings)
  bucket.client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const result = await next(args)
        const key = 'Key' in args.input ? (args.input.Key ?? '') : ''
        const bytes = 'ContentLength' in result.output ? (result.output.ContentLength ?? 0) : 0
        calls.push({ name: commandName.replace('Command', ''), key, bytes })
        return result
      },
    { step: 'initialize' },
  )
  storage = { ...openS3Storage(settings), growing: growOnS3(bucket) }
  atEnd(async () => {
    bucket.client.destroy()
    await storage.close()
  })
})

const newKey = () => `t/${randomUUID()}/source/film.mp4`
const begin = (key = newKey()) => storage.growing.begin(key, options)
const read = async (key: string) => buffer(await storage.get(key))

async function append(growth: Growth, bytes: Buffer, fresh = false): Promise<S3Growth> {
  const grown = await storage.growing.append(growth, Readable.from([bytes]), { fresh })
  expect(grown.failure).toBeUndefined()
  if (grown.growth.driver !== 's3') throw new Error('not on S3')
  return JSON.parse(JSON.stringify(grown.growth))
}

async function keysBelow(folder: string) {
  const keys: string[] = []
  for await (const { key } of storage.list(folder)) keys.push(key)
  return keys
}

test('12 MB in appends of 64 KB cost two calls each at most, and each byte is read back once at most', async () => {
  const bytes = randomBytes(12_000_000)
  let growth = await begin()
  calls.length = 0
  let appends = 0
  for (; growth.bytes < bytes.length; appends++)
    growth = await append(growth, bytes.subarray(growth.bytes, growth.bytes + 64_000))
  expect(calls.length).toBeLessThanOrEqual(2 * appends)
  await storage.growing.seal(growth)
  const readBack = calls.filter(({ name }) => name === 'GetObject')
  expect(calls.length).toBeLessThanOrEqual(2 * appends + 10)
  expect(new Set(readBack.map(({ key }) => key)).size).toBe(readBack.length)
  expect(readBack.reduce((sum, call) => sum + call.bytes, 0)).toBeLessThanOrEqual(bytes.length)
  expect(sha256(await read(growth.key))).toBe(sha256(bytes))
  expect(await keysBelow(growth.key.replace(/source.*/, ''))).toEqual([growth.key])
})

test('appends of single bytes leave no more small objects than a row can name, and what was merged goes', async () => {
  const one = await append(await begin(), Buffer.from('x'))
  // As if it had come 512 times.
  const many = { ...one, bytes: 512, crumbs: Array.from({ length: 512 }, () => one.crumbs).flat() }
  const merged = await append(many, Buffer.from('y'))
  expect(merged.crumbs).toMatchObject([{ bytes: 513 }])
  const growth = await append(merged, Buffer.from('z'))
  expect(growth.spent).toEqual([])
  expect(await keysBelow(crumbFolder(growth))).toHaveLength(2)
  await storage.growing.seal(growth)
  expect(String(await read(growth.key))).toBe(`${'x'.repeat(512)}yz`)
})

test('small objects that became a part are kept until that part counts', async () => {
  const bytes = randomBytes(9 * MiB)
  const small = await append(await begin(), bytes.subarray(0, 1000))
  const lost = await append(small, bytes.subarray(1000))
  expect(lost.spent).toHaveLength(1)
  const again = await append(small, bytes.subarray(1000))
  const later = await append(again, Buffer.from('x'))
  expect([again.spent.length, later.spent]).toEqual([1, []])
  await storage.growing.seal(later)
  expect(sha256(await read(later.key))).toBe(sha256(Buffer.concat([bytes, Buffer.from('x')])))
})

test('who takes over leaves the part numbers of the lost writer alone', async () => {
  const first = await append(await begin(), randomBytes(8 * MiB))
  const second = await append(first, randomBytes(8 * MiB), true)
  expect(second.parts.map(([number]) => number)).toEqual([1, 34])
  await storage.growing.seal(second)
})

test('a seal that died once the store had completed the object is simply done again', async () => {
  const growth = await append(await begin(), randomBytes(16 * MiB))
  await completeUpload(bucket, growth)
  expect(await storage.growing.seal(growth)).toMatchObject({ bytes: 16 * MiB })
})

test('a seal that died while it cut out what does not count goes on where it was', async () => {
  const bytes = randomBytes(24 * MiB)
  const start = await append(await begin(), bytes.subarray(0, 8 * MiB))
  await append(start, randomBytes(8 * MiB))
  const growth = await append(start, bytes.subarray(8 * MiB), true)
  await dieWhileCopying(growth)
  expect((await storage.head(growth.key))?.bytes).toBe(32 * MiB)
  expect(await storage.growing.seal(growth)).toMatchObject({ bytes: 24 * MiB })
  expect(await storage.growing.seal(growth)).toMatchObject({ bytes: 24 * MiB })
  expect(sha256(await read(growth.key))).toBe(sha256(bytes))
  expect(await keysBelow(growth.key.replace(/source.*/, ''))).toEqual([growth.key])
})

test('a seal that died when all was cut out, before it could tidy up, is simply done again', async () => {
  const start = await append(await begin(), randomBytes(8 * MiB))
  await append(start, randomBytes(8 * MiB))
  const growth = await append(start, randomBytes(8 * MiB), true)
  await rebuild(bucket, growth)
  expect(await storage.growing.seal(growth)).toMatchObject({ bytes: 16 * MiB })
})

test('what such a seal left is taken back as well', async () => {
  const start = await append(await begin(), randomBytes(8 * MiB))
  await append(start, randomBytes(8 * MiB))
  const growth = await append(start, randomBytes(8 * MiB), true)
  await dieWhileCopying(growth)
  await storage.growing.discard(growth)
  await storage.growing.discard(growth)
  expect(await keysBelow(growth.key.replace(/source.*/, ''))).toEqual([])
})

/** Everything but the last step: all parts are one object, and the copy of what counts has not come to its end. */
async function dieWhileCopying(growth: S3Growth) {
  const dying: Bucket = { name: bucket.name, client: Object.create(bucket.client) }
  dying.client.send = async (command: { constructor: { name: string } }) => {
    if (command.constructor.name === 'UploadPartCopyCommand') throw new Error('died')
    return Reflect.apply(bucket.client.send, bucket.client, [command])
  }
  await expect(rebuild(dying, growth)).rejects.toThrow('died')
}

test('an append to what the store took back says that it is gone', async () => {
  const growth = await append(await begin(), randomBytes(8 * MiB))
  const { key: Key, uploadId: UploadId } = growth
  await bucket.client.send(new AbortMultipartUploadCommand({ Bucket: bucket.name, Key, UploadId }))
  const { failure, growth: same } = await storage.growing.append(growth, Readable.from([randomBytes(8 * MiB)]))
  expect(failure).toMatchObject({ code: 'not_found' })
  expect(same).toEqual(growth)
  await expect(storage.growing.seal(growth)).rejects.toMatchObject({ code: 'not_found' })
})
