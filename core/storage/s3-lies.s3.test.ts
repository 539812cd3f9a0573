import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { atEnd } from '../../test/setup/at-end.ts'
import { testBucket } from '../../test/setup/bucket.ts'
import { type Lie, type LyingStore, lyingStore } from '../../test/setup/lying-store.ts'
import { parseGrowth } from './growing.ts'
import { openS3Storage, type S3Storage } from './s3.ts'
import { bucketSettings } from './settings.ts'

const MiB = 2 ** 20
const later = { code: 'storage_unavailable', fate: 'later', status: 503 }
const headers = { contentType: 'video/mp4', cacheControl: 'no-cache' }

let store: LyingStore
let storage: S3Storage
beforeAll(async () => {
  const env = await testBucket()
  store = await lyingStore({ endpoint: env['S3_ENDPOINT'] ?? '' })
  const config = loadConfig({ ...env, S3_ENDPOINT: store.url })
  const patience = { connectMs: 2_000, silenceMs: 1_000, answerMs: 2_000 }
  storage = openS3Storage({ ...bucketSettings(config, config.S3_BUCKET ?? ''), patience })
  atEnd(() => storage.close())
})
beforeEach(() => store.script())

const put = (key: string, bytes: Buffer) => storage.put(key, Readable.from([bytes], { objectMode: false }), headers)
const small = randomBytes(1_000)
const large = randomBytes(9 * MiB)
const fresh = () => `t/${randomBytes(8).toString('hex')}/g1/a.mp4`
const always = (what: string, lie: Lie) => (asked: { what: string }) => (asked.what === what ? lie : undefined)
const read = async (key: string) => buffer(await storage.get(key))

describe('a store that fails now and then', () => {
  it('is asked again: with every third request refused, all bytes arrive as they were', async () => {
    let n = 0
    store.script(() => (++n % 3 === 0 ? { say: 503, code: 'SlowDown' } : undefined))
    const keys = Array.from({ length: 4 }, fresh)
    for (const key of keys) await put(key, small)
    for (const key of keys) expect((await read(key)).equals(small)).toBe(true)
    expect(n).toBeGreaterThan(3 * keys.length)
  })

  it.each([
    ['500', { say: 500 }],
    ['a reset', 'reset'],
    ['silence', 'hang'],
  ] as const)('with %s once is asked again, for a single object and for one in parts', async (_what, lie) => {
    store.script(({ what, nth }) =>
      ['PutObject', 'UploadPart', 'HeadObject'].includes(what) && nth === 1 ? lie : undefined,
    )
    const [one, many] = [fresh(), fresh()]
    expect(await put(one, small)).toMatchObject({ bytes: small.length })
    expect(await put(many, large)).toMatchObject({ bytes: large.length })
    store.script()
    expect((await read(one)).equals(small)).toBe(true)
    expect((await read(many)).equals(large)).toBe(true)
  })
})

describe('a store that goes on failing', () => {
  it.each<[string, string, Lie]>([
    ['SlowDown', 'PutObject', { say: 503, code: 'SlowDown' }],
    ['500', 'PutObject', { say: 500 }],
    ['a reset in the middle of a body', 'PutObject', 'reset'],
    ['silence', 'PutObject', 'hang'],
    ['a clock that is wrong', 'PutObject', { say: 403, code: 'RequestTimeTooSkewed' }],
    ['a bucket that is gone', 'PutObject', { say: 404, code: 'NoSuchBucket' }],
    ['404 right after the put', 'HeadObject', { say: 404, code: 'NoSuchKey' }],
  ])('%s: is asked three times at most, and what was to be put waits for later', async (_what, what, lie) => {
    store.script(always(what, lie))
    await expect(put(fresh(), small)).rejects.toMatchObject(later)
    expect(store.asked.filter((one) => one.startsWith(what)).length).toBeLessThanOrEqual(3)
  })

  it.each<[string, string, Lie]>([
    ['a part', 'UploadPart', 'reset'],
    ['a part with a wrong tag', 'UploadPart', { tag: `"${'0'.repeat(32)}"` }],
    ['the end, with 200 and an error inside', 'CompleteMultipartUpload', { say: 200, code: 'InternalError' }],
    ['the end, never answered', 'CompleteMultipartUpload', 'hang'],
    ['the beginning', 'CreateMultipartUpload', { say: 500 }],
  ])('an object in parts that fails at %s is no object, and leaves no parts', async (_what, what, lie) => {
    const key = fresh()
    store.script(always(what, lie))
    await expect(put(key, large)).rejects.toMatchObject(later)
    store.script()
    expect(await storage.head(key)).toBeUndefined()
    expect(await storage.sweep({ olderThanMs: -60_000 })).toBe(0)
  })

  it('is not believed when it gives a tag that is not of these bytes: what it holds is looked at', async () => {
    const key = fresh()
    store.script(always('PutObject', { tag: `"${'0'.repeat(32)}"` }))
    const md5 = createHash('md5').update(small).digest('hex')
    expect(await put(key, small)).toMatchObject({ etag: `"${md5}"` })
    store.script(always('HeadObject', { tag: `"${'0'.repeat(32)}"` }))
    store.script(({ what }) =>
      what === 'PutObject' || what === 'HeadObject' ? { tag: `"${'0'.repeat(32)}"` } : undefined,
    )
    await expect(put(fresh(), small)).rejects.toMatchObject(later)
  })

  it.each<[string, Lie]>([
    ['is cut short', { cutAfter: 500 }],
    ['falls silent', { silentAfter: 500 }],
  ])('a download that %s fails, and is never taken for the whole', async (_what, lie) => {
    const key = fresh()
    await put(key, small)
    store.script(always('GetObject', lie))
    await expect(read(key)).rejects.toMatchObject(later)
    store.script()
    expect((await read(key)).equals(small)).toBe(true)
  })

  it('keeps what an upload has appended, and the upload goes on from there', async () => {
    const key = `t/${randomBytes(8).toString('hex')}/source/a.mp4`
    const bytes = randomBytes(20 * MiB)
    const begun = await storage.growing.begin(key, { ...headers, atMost: bytes.length })
    store.script(({ what, nth }) => (what === 'UploadPart' && nth > 1 ? 'reset' : undefined))
    const broken = await storage.growing.append(begun, Readable.from([bytes], { objectMode: false }))
    expect(broken.failure).toMatchObject(later)
    const kept = broken.growth.bytes
    expect(kept).toBe(8 * MiB)
    store.script()
    const rest = Readable.from([bytes.subarray(kept)], { objectMode: false })
    const grown = await storage.growing.append(parseGrowth(JSON.parse(JSON.stringify(broken.growth))), rest, {
      fresh: true,
    })
    expect(grown.failure).toBeUndefined()
    await storage.growing.seal(grown.growth)
    expect((await read(key)).equals(bytes)).toBe(true)
  })
})
