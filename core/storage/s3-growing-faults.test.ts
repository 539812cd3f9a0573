import { PassThrough, Readable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { brokenStore, xml } from '../../test/setup/broken-store.ts'
import { type Growth, parseGrowth } from './growing.ts'

const key = 't/a/source/film.mp4'
const options = { contentType: 'video/mp4', cacheControl: 'private, no-store' }
/** Parts that no real store takes, so that a test need not send many bytes. */
const small = (growth: Growth) => parseGrowth({ ...growth, partBytes: 1000 })
const started = '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>'
const absent = '<Error><Code>NoSuchUpload</Code></Error>'
const open = '<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>'
const partOf = (url: string | undefined) => Number(/partNumber=(\d+)/.exec(url ?? '')?.[1])

test('a store that is full in the middle of an append keeps what it took', async () => {
  const { storage } = await brokenStore((request, response) => {
    if (request.url?.includes('uploads')) xml(response, 200, started)
    else if (partOf(request.url) > 2) xml(response, 507, '<Error><Code>InsufficientStorage</Code></Error>')
    else response.writeHead(200, { etag: '"p"' }).end()
  })
  const growth = small(await storage.growing.begin(key, options))
  const body = new PassThrough()
  body.write(Buffer.alloc(5000))
  const { growth: kept, failure } = await storage.growing.append(growth, body)
  expect(failure).toMatchObject({ code: 'no_space', status: 507 })
  expect(kept).toMatchObject({ bytes: 2000, nextPart: 3 })
  expect(body.destroyed).toBe(false)
})

test('a writer that is not heard of uploads no more parts than whoever takes over leaves to it', async () => {
  const parts: number[] = []
  const { storage } = await brokenStore((request, response) => {
    if (request.url?.includes('uploads')) return xml(response, 200, started)
    parts.push(partOf(request.url))
    return response.writeHead(200, { etag: '"p"' }).end()
  })
  const start = small(await storage.growing.begin(key, options))
  const unheard = Promise.withResolvers<void>()
  const onSafe = vi.fn(() => unheard.promise)
  const body = Readable.from([Buffer.alloc(40_000)])
  const appending = storage.growing.append(start, body, { onSafe })
  await vi.waitFor(() => expect(onSafe).toHaveBeenCalled())
  await vi.waitFor(() => expect(parts).toHaveLength(32))
  const other = await storage.growing.append(start, Readable.from([Buffer.alloc(1000)]), { fresh: true })
  expect(other.growth).toMatchObject({ parts: [[33, '"p"']] })
  expect(Math.max(...parts.slice(0, 32))).toBe(32)
  unheard.resolve()
  expect((await appending).growth).toMatchObject({ bytes: 40_000, nextPart: 41 })
})

test.each([
  ['because its upload is over', 404, absent, 'not_found'],
  ['for no reason that it tells', 200, open, 'storage_unavailable'],
])('a store that hangs up on a part, %s, is asked which it was', async (_why, status, parts, code) => {
  const { storage, asked } = await brokenStore((request, response) => {
    if (request.url?.includes('uploads')) xml(response, 200, started)
    else if (request.method === 'GET') xml(response, status, parts)
    else if (partOf(request.url) === 1) response.writeHead(200, { etag: '"p"' }).end()
    else request.socket.destroy()
  })
  const growth = small(await storage.growing.begin(key, options))
  const { growth: kept, failure } = await storage.growing.append(growth, Readable.from([Buffer.alloc(2000)]))
  expect(failure).toMatchObject({ code })
  expect(kept).toMatchObject({ bytes: 1000, uploadId: 'u', nextPart: 2 })
  expect(asked.filter((one) => one.startsWith('GET'))).toHaveLength(1)
})
