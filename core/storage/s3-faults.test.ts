import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { brokenStore, xml } from '../../test/setup/broken-store.ts'

const headers = { contentType: 'video/mp4', cacheControl: 'no-cache' }
const later = { code: 'storage_unavailable', fate: 'later' }

test('a store that says SlowDown is asked three times, then left for later', async () => {
  const { storage, asked } = await brokenStore((_request, response) =>
    xml(response, 503, '<Error><Code>SlowDown</Code></Error>'),
  )
  await expect(storage.get('a.mp4')).rejects.toMatchObject(later)
  expect(asked).toEqual(Array(3).fill('GET /b/a.mp4'))
})

test.each([
  [403, 'RequestTimeTooSkewed', 'storage_unavailable'],
  [403, 'AccessDenied', 'storage_unavailable'],
  [404, 'NoSuchBucket', 'storage_unavailable'],
  [404, 'NoSuchKey', 'not_found'],
  [507, 'InsufficientStorage', 'no_space'],
  [403, 'QuotaExceeded', 'no_space'],
  [400, 'EntityTooLarge', 'too_large'],
])('%i %s becomes %s', async (status, name, code) => {
  const { storage } = await brokenStore((_request, response) =>
    xml(response, status, `<Error><Code>${name}</Code></Error>`),
  )
  await expect(storage.get('a.mp4')).rejects.toMatchObject({ code })
})

test('a download that the store cuts short fails, and is never taken for the whole', async () => {
  const { storage } = await brokenStore((_request, response) => {
    response
      .writeHead(200, { 'content-length': 100_000, etag: '"x"' })
      .write(Buffer.alloc(50_000), () => response.destroy())
  })
  await expect(buffer(await storage.get('a.mp4'))).rejects.toMatchObject(later)
})

const body = Buffer.from('what was sent')
const md5 = createHash('md5').update(body).digest('hex')
test.each([
  ['fewer bytes than were sent', { etag: '"tag"', held: '"tag"', bytes: 5 }],
  ['other bytes than were sent', { etag: `"${'0'.repeat(32)}"`, held: `"${'0'.repeat(32)}"`, bytes: body.length }],
])('a store that holds %s is found out, and the wrong object goes', async (_what, { etag, held, bytes }) => {
  const { storage, asked } = await brokenStore((request, response) => {
    if (request.method === 'HEAD') response.writeHead(200, { etag: held, 'content-length': bytes }).end()
    else response.writeHead(request.method === 'DELETE' ? 204 : 200, { etag }).end()
  })
  await expect(storage.put('a.mp4', body, headers)).rejects.toMatchObject(later)
  expect(asked).toEqual(['PUT /b/a.mp4', 'HEAD /b/a.mp4', 'DELETE /b/a.mp4'])
})

test('what another writer put there since is left alone', async () => {
  const { storage, asked } = await brokenStore((request, response) => {
    if (request.method === 'HEAD') response.writeHead(200, { etag: '"another"', 'content-length': 5 }).end()
    else response.writeHead(200, { etag: `"${md5}"` }).end()
  })
  expect(await storage.put('a.mp4', body, headers)).toMatchObject({ bytes: body.length, etag: `"${md5}"` })
  expect(asked).not.toContain('DELETE /b/a.mp4')
})

test('an object that is gone right after its put is a failed put', async () => {
  const { storage } = await brokenStore((request, response) =>
    response.writeHead(request.method === 'HEAD' ? 404 : 200, { etag: '"x"' }).end(),
  )
  await expect(storage.put('a.mp4', body, headers)).rejects.toMatchObject(later)
})

test('an upload that completes with 200 and an error inside fails, and takes its parts back', async () => {
  const { storage, asked } = await brokenStore((request, response) => {
    if (request.method === 'DELETE') response.writeHead(204).end()
    else if (request.url?.includes('uploads'))
      xml(response, 200, '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>')
    else if (request.method === 'POST')
      xml(response, 200, '<Error><Code>InternalError</Code><Message>sorry</Message></Error>')
    else response.writeHead(200, { etag: '"p"' }).end()
  })
  const pieces = Array.from({ length: 9 }, () => Buffer.alloc(1024 * 1024))
  await expect(storage.put('a.mp4', Readable.from(pieces), headers)).rejects.toMatchObject(later)
  expect(asked.at(-1)).toBe('DELETE /b/a.mp4?uploadId')
})

test('a deletion that fails for one key of many is not passed over', async () => {
  const { storage } = await brokenStore((_request, response) =>
    xml(response, 200, '<DeleteResult><Error><Key>b.mp4</Key><Code>AccessDenied</Code></Error></DeleteResult>'),
  )
  await expect(storage.delete(['a.mp4', 'b.mp4'])).rejects.toMatchObject(later)
})
