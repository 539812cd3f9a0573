import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SluiceError } from '../../core/errors.ts'
import { cacheControlFor, contentTypeFor } from '../../core/storage/content-types.ts'
import type { LocalStorage } from '../../core/storage/local.ts'
import { openLocalStorage } from '../../core/storage/local.ts'
import { mediaRoutes } from './media.ts'

const secret = 'sixteen letters!'
const segment = '/media/t/a/g1/hls/v/0.m4s'
const bytes = randomBytes(700_000)
let app: FastifyInstance
let storage: LocalStorage
let dir: string
let address: string
let outside: string
const streams: Readable[] = []

const put = (key: string, body: Buffer) =>
  storage.put(key, body, { contentType: contentTypeFor(key), cacheControl: cacheControlFor(key) })
const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers })
const pathOf = (url: string) => url.replace('http://127.0.0.1:3000', '')

/** The same storage, remembering every stream that it gave away. */
const watched = (inner: LocalStorage): LocalStorage => ({
  ...inner,
  async open(key) {
    const object = await inner.open(key)
    if (!object) return undefined
    return {
      ...object,
      async read(options) {
        const stream = await object.read(options)
        if (stream) streams.push(stream)
        return stream
      },
    }
  },
})

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'sluice-media-'))
  storage = openLocalStorage({
    driver: 'local',
    dir,
    publicUrl: 'http://127.0.0.1:3000',
    signingSecret: secret,
  })
  app = Fastify({ exposeHeadRoutes: true })
  app.setErrorHandler((error, _request, reply) =>
    reply
      .code(error instanceof SluiceError ? error.status : 500)
      .type('application/problem+json')
      .send({}),
  )
  await app.register(mediaRoutes, {
    storage: watched(storage),
    secret,
    signatureHolds: storage.signatureHolds,
    allowKey: (key, { signed }) => signed || !key.startsWith('private/'),
  })
  address = await app.listen({ host: '127.0.0.1', port: 0 })
  await put('t/a/g1/hls/v/0.m4s', bytes)
  await put('t/a/g1/hls/master.m3u8', Buffer.from('#EXTM3U'))
  await put('t/a/source/page.html', Buffer.from('<script>'))
  await put('t/a/source/cat.mp4', Buffer.from('cat'))
  await put('t/a/g1/page.html', Buffer.from('<script>'))
  await put('t/a/g1/empty.json', Buffer.alloc(0))
  await put('private/a/g1/0.m4s', Buffer.from('private'))
  // What lies outside, and two links that somebody planted.
  outside = await mkdtemp(path.join(tmpdir(), 'sluice-outside-'))
  await writeFile(path.join(outside, 'secret.json'), 'secret')
  await mkdir(path.join(dir, 't/a/links'))
  await symlink(path.join(outside, 'secret.json'), path.join(dir, 't/a/links/secret.json'))
  await symlink(outside, path.join(dir, 't/a/links/folder'))
})
afterAll(async () => {
  await app.close()
  await rm(dir, { recursive: true })
  await rm(outside, { recursive: true })
})

test('a segment comes whole, in our type, for ever cached, and readable by players on other sites', async () => {
  const response = await get(segment)
  expect(response.statusCode).toBe(200)
  expect(response.rawPayload.equals(bytes)).toBe(true)
  expect(response.headers).toMatchObject({
    'content-type': 'video/mp4',
    'content-length': '700000',
    'cache-control': 'public, max-age=31536000, immutable',
    'accept-ranges': 'bytes',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
  })
  expect(response.headers['access-control-expose-headers']).toContain('Content-Range')
  expect(response.headers['content-disposition']).toBeUndefined()
})

test('a playlist is asked for again each time, since it may have grown', async () => {
  const response = await get('/media/t/a/g1/hls/master.m3u8')
  expect(response.headers).toMatchObject({
    'content-type': 'application/vnd.apple.mpegurl',
    'cache-control': 'no-cache',
  })
})

test('HEAD tells the same headers without bytes', async () => {
  const [head, full] = [
    await app.inject({ method: 'HEAD', url: segment, headers: { range: 'bytes=0-1' } }),
    await get(segment),
  ]
  expect(head.statusCode).toBe(200)
  expect(head.rawPayload.length).toBe(0)
  const drop = ({ date: _date, connection: _connection, ...rest }: typeof head.headers) => rest
  expect(drop(head.headers)).toEqual(drop(full.headers))
})

test('a range comes as 206 with its place, and one outside as 416 with the size', async () => {
  const part = await get(segment, { range: 'bytes=1000-400999' })
  expect(part.statusCode).toBe(206)
  expect(part.headers).toMatchObject({ 'content-range': 'bytes 1000-400999/700000', 'content-length': '400000' })
  expect(part.rawPayload.equals(bytes.subarray(1000, 401_000))).toBe(true)
  const outside = await get(segment, { range: 'bytes=700000-' })
  expect(outside.statusCode).toBe(416)
  expect(outside.headers['content-range']).toBe('bytes */700000')
  expect((await get('/media/t/a/g1/empty.json', { range: 'bytes=0-' })).statusCode).toBe(416)
  expect((await get('/media/t/a/g1/empty.json')).statusCode).toBe(200)
})

test('If-Range cuts only from the version that the client began with', async () => {
  const etag = String((await get(segment)).headers.etag)
  const range = 'bytes=0-9'
  expect((await get(segment, { range, 'if-range': etag })).statusCode).toBe(206)
  expect((await get(segment, { range, 'if-range': `W/${etag}` })).statusCode).toBe(200)
  expect((await get(segment, { range, 'if-range': '"another"' })).statusCode).toBe(200)
})

test('what the client holds already is 304, until it is replaced', async () => {
  await put('t/b/g1/hls/master.m3u8', Buffer.from('#EXTM3U 1'))
  const url = '/media/t/b/g1/hls/master.m3u8'
  const { etag = '', 'last-modified': modified = '' } = (await get(url)).headers
  expect((await get(url, { 'if-none-match': `"x", W/${etag}` })).statusCode).toBe(304)
  expect((await get(url, { 'if-none-match': '*' })).statusCode).toBe(304)
  expect((await get(url, { 'if-modified-since': String(modified) })).statusCode).toBe(304)
  expect((await get(url, { 'if-none-match': '"x"', 'if-modified-since': String(modified) })).statusCode).toBe(200)
  await put('t/b/g1/hls/master.m3u8', Buffer.from('#EXTM3U 2'))
  expect((await get(url, { 'if-none-match': String(etag) })).statusCode).toBe(200)
})

test('a source is served by its signed address alone, and only to be saved', async () => {
  expect((await get('/media/t/a/source/cat.mp4')).statusCode).toBe(404)
  const url = pathOf(await storage.signedUrl('t/a/source/cat.mp4', { expiresInSeconds: 60 }))
  const response = await get(url)
  expect(response.body).toBe('cat')
  expect(response.headers).toMatchObject({ 'content-disposition': 'attachment', 'cache-control': 'private, no-store' })
  expect((await get(url.replace('cat.mp4', 'page.html'))).statusCode).toBe(404)
  expect((await get(url.replace(/exp=\d+/, 'exp=99999999999'))).statusCode).toBe(404)
  expect((await get(`${url}&sig=x`)).statusCode).toBe(404)
  const page = await get(pathOf(await storage.signedUrl('t/a/source/page.html', { expiresInSeconds: 60 })))
  expect(page.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment',
  })
})

test.each(['t/a/upload/0.mp4', 't/a/upload/deep/0.json'])(
  'a piece of an upload (%s) is served to nobody',
  async (key) => {
    await put(key, Buffer.from('piece'))
    expect((await get(`/media/${key}`)).statusCode).toBe(404)
    expect((await get(pathOf(await storage.signedUrl(key, { expiresInSeconds: 60 })))).statusCode).toBe(404)
  },
)

test('a key that is not public is served by its signed address alone', async () => {
  expect((await get('/media/private/a/g1/0.m4s')).statusCode).toBe(404)
  expect((await get(pathOf(await storage.signedUrl('private/a/g1/0.m4s', { expiresInSeconds: 60 })))).body).toBe(
    'private',
  )
  const over = pathOf(await storage.signedUrl('private/a/g1/0.m4s', { expiresInSeconds: -1 }))
  expect((await get(over)).statusCode).toBe(404)
})

test.each([
  '/media/',
  '/media/t/a/g1/page.html',
  '/media/t/a/g1/none.m4s',
  '/media/t/a/g1',
  '/media/..%2f..%2fetc%2fpasswd.json',
  '/media/%2e%2e/%2e%2e/etc/passwd.json',
  '/media/t/a/g1/..%5c..%5cx.json',
  '/media/%2fetc/passwd.json',
  '/media/t/a/g1/%00.json',
  '/media/.tmp/x.json',
  '/media/t/a/g1/hls/../../source/cat.mp4',
  '/media/t/a/g1/%2e%2e/source/cat.mp4',
  '/media/t/a/g1/%252e%252e/source/cat.mp4',
  '/media/t/a/g1/..%252fsource%252fcat.mp4',
  '/media/t/a/g1/..%5csource%5ccat.mp4',
  '/media/t/a/g1/...%2fsource/cat.mp4',
  '/media/t/a/g1/hls/v/0.m4s/',
  '/media/t/a/g1/hls/v/0.m4s%00.png',
  '/media/t/a/g1/hls/v/0.m4s%20',
  '/media/t/a/g1/hls/v/0.m4s.',
  '/media/t/a/g1/hls/v/0.m4s::$DATA',
  '/media/t/a/g1/hls/v/0.m4s%0d%0aset-cookie:%20a=b',
  '/media/t/a//g1/hls/v/0.m4s',
  '/media//t/a/g1/hls/v/0.m4s',
  '/media/./t/a/g1/hls/v/0.m4s',
  '/media/t/a/g1/.env.json',
  '/media/t/a/g1/.git/x.json',
  '/media/t/a/g1/hls/v/%EF%BC%8E%EF%BC%8E/0.m4s',
  '/media/t/a/links/secret.json',
  '/media/t/a/links/folder/secret.json',
  '/media/file:///etc/passwd.json',
  '/media/http:%2f%2f127.0.0.1%2fx.json',
])('%s is not served, however it is asked for', async (url) => {
  for (const [method, headers] of [
    ['GET', {}],
    ['GET', { range: 'bytes=0-1' }],
    ['HEAD', {}],
  ] as const) {
    const answer = await asked({ method, path: url, headers })
    expect([method, answer.statusCode, answer.headers['set-cookie']]).toEqual([method, 404, undefined])
  }
})

test.each(['/media/t/a/g1/%c0%ae%c0%ae/source/cat.mp4', '/media/t/a/g1/%u002e%u002e/cat.mp4', '/media/t/a/g1/%'])(
  '%s, which is no UTF-8, is refused before anything is looked for',
  async (url) => {
    expect((await asked({ path: url })).statusCode).toBe(400)
  },
)

/** Over a real socket, where nothing puts a path in order on its way. */
async function asked(options: RequestOptions): Promise<IncomingMessage> {
  const [answer] = (await once(request(address, options).end(), 'response')) as [IncomingMessage]
  answer.resume()
  return answer
}

test('a browser may ask first, and is told yes', async () => {
  const response = await app.inject({
    method: 'OPTIONS',
    url: segment,
    headers: { origin: 'https://elsewhere.example' },
  })
  expect(response.statusCode).toBe(204)
  expect(response.headers).toMatchObject({ 'access-control-allow-origin': '*' })
  expect(response.headers['access-control-allow-headers']).toContain('Range')
})

test('a client that hangs up midway closes the file', async () => {
  await put('t/c/g1/large.mp4', Buffer.alloc(20_000_000))
  const response = await fetch(`${address}/media/t/c/g1/large.mp4`)
  expect(streams.at(-1)?.closed).toBe(false)
  await response.body?.cancel()
  await expect.poll(() => streams.filter((stream) => !stream.closed)).toEqual([])
})
