import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { beforeAll, describe, expect, it } from 'vitest'
import { Sluice, SluiceProblem } from '../client/index.ts'
import { bearer, keyedApp } from './setup/app.ts'
import type { TestHouse } from './setup/house.ts'
import { firstTime, givenUp, moodyProxy } from './setup/moody-proxy.ts'
import { tempFolder } from './setup/temp-folder.ts'

let house: TestHouse
let url: string
let key: string
let sluice: Sluice
beforeAll(async () => {
  const keyed = await keyedApp({ MAX_FORM_BYTES: '1MiB' })
  house = keyed.house
  key = await keyed.keyFor('acme', ['assets', 'uploads'])
  url = await keyed.app.listen({ host: '127.0.0.1', port: 0 })
  sluice = new Sluice({ url, key })
})

const source = { url: 'https://example.com/cat.mp4' }
const made = () => house.db.selectFrom('assets').selectAll().execute()
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What the upload came to, from storage itself. */
async function sumOf(id: string): Promise<string | null> {
  const row = await house.db.selectFrom('assets').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  return row.source_sha256
}

const statusesOf = (filename: string) =>
  house.db.selectFrom('assets').select(['id', 'status']).where('source_filename', '=', filename).orderBy('id').execute()

/** `fetch`, but some calls go wrong: before they were sent, or after they were answered. */
function failing(...ways: ('refused' | 'unheard' | Response)[]): typeof fetch {
  return async (input, init) => {
    const way = ways.shift()
    if (way === 'refused') throw new TypeError('fetch failed')
    if (way instanceof Response) return way
    const answer = await fetch(input, init)
    if (way === 'unheard') throw new TypeError('terminated')
    return answer
  }
}
const busy = () =>
  new Response(
    JSON.stringify({ code: 'unavailable', status: 503, detail: 'in a moment', requestId: 'r', title: 't', type: 'u' }),
    {
      status: 503,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '0' },
    },
  )

describe('a call that fails in passing', () => {
  it('is tried again, and makes one asset though its first answer was lost', async () => {
    const before = (await made()).length
    const patient = new Sluice({ url, key, fetch: failing('refused', 'unheard', busy()) })
    const asset = await patient.createAsset({ source })
    expect(asset.status).toBe('queued')
    expect((await made()).length).toBe(before + 1)
  })

  it('gives up after as many tries as wished, with the last refusal', async () => {
    const impatient = new Sluice({ url, key, retries: 1, fetch: failing(busy(), busy()) })
    await expect(impatient.asset(randomUUID())).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 0 })
  })

  it('deletes once, and takes it that what the lost try deleted is gone', async () => {
    const { id } = await sluice.createAsset({ source })
    await new Sluice({ url, key, fetch: failing('unheard') }).delete(id)
    await expect(sluice.delete(id)).rejects.toMatchObject({ code: 'not_found', status: 404 })
  })

  it('ends at once when its signal aborts', async () => {
    const controller = new AbortController()
    const never = new Sluice({ url, key, fetch: failing(...Array.from({ length: 9 }, () => 'refused' as const)) })
    const call = never.asset(randomUUID(), { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
  })
})

describe('assets', () => {
  it('are refused with their code, and every wrong field', async () => {
    const refused = sluice.createAsset({ source, kind: 'poem' as 'video' })
    await expect(refused).rejects.toBeInstanceOf(SluiceProblem)
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request', problem: { errors: [{ path: 'kind' }] } })
    const stranger = new Sluice({ url, key: () => 'sl_wrongwrongwrongwrongwrong', retries: 0 })
    await expect(stranger.assets()).rejects.toMatchObject({ code: 'unauthorized', status: 401 })
  })

  it('come, are listed over all pages, looked into, signed, made anew, cancelled and deleted', async () => {
    const tag = randomUUID()
    const items = Array.from({ length: 5 }, (_, n) => ({ source, externalId: `${tag}-${n}` }))
    const all = await sluice.createAssets([...items, { source: { url: 'ftp://example.com/x' } }])
    expect(all.at(-1)).toMatchObject({ code: 'url_not_allowed' })
    const seen: string[] = []
    for await (const asset of sluice.allAssets({ limit: 2 }))
      if (asset.externalId?.startsWith(tag)) seen.push(asset.externalId)
    expect(seen.sort()).toEqual(items.map(({ externalId }) => externalId))
    const { data } = await sluice.assets({ externalId: `${tag}-0` })
    const id = data[0]?.id ?? ''
    expect(await sluice.tasks(id)).toMatchObject([{ key: 'fetch', status: 'pending' }])
    expect(await sluice.sign(id, { expiresIn: 60 })).toMatchObject({ thumbnails: [] })
    expect(await sluice.cancel(id)).toMatchObject({ status: 'cancelled' })
    expect(await sluice.reprocess(id, { profile: 'fast' })).toMatchObject({ profile: 'fast' })
    await sluice.delete(id)
    await expect(sluice.asset(id)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('that were waited for and failed say why', async () => {
    const { id } = await sluice.createAsset({ source })
    const waited = sluice.waitUntilReady(id)
    const error = { code: 'source_unavailable', message: 'it is not there', retryable: true, taskId: null }
    await house.db
      .updateTable('assets')
      .set({ status: 'failed', error: JSON.stringify(error) })
      .where('id', '=', id)
      .execute()
    await expect(waited).rejects.toMatchObject({ name: 'SluiceAssetError', asset: { id, error } })
  })
})

describe('uploads', () => {
  const bytes = randomBytes(3 * 2 ** 20 + 17)
  const sum = sha256(bytes)
  const options = { filename: 'film.mp4', metadata: { album: 'summer' }, chunkBytes: 2 ** 20 }

  it.each([
    ['a Blob', async () => new Blob([bytes])],
    ['bytes', async () => bytes],
    [
      'a path',
      async () => {
        const path = `${await tempFolder()}/film.mp4`
        await writeFile(path, bytes)
        return path
      },
    ],
    ['a stream of Node', async () => Readable.from([bytes.subarray(0, 5), bytes.subarray(5)])],
    ['a stream of the web', async () => new Blob([bytes]).stream()],
  ])('of %s arrive whole over tus, with progress', async (_what, file) => {
    const told: number[] = []
    const upload = sluice.upload(await file(), { ...options, onProgress: (sent) => told.push(sent.bytes) })
    const { assetId } = await upload.finished
    expect(await sluice.asset(assetId)).toMatchObject({
      status: 'queued',
      metadata: { album: 'summer' },
      source: { filename: 'film.mp4', bytes: bytes.length },
    })
    expect(await sumOf(assetId)).toBe(sum)
    expect(told.at(-1)).toBe(bytes.length)
    expect([...told].sort((a, b) => a - b)).toEqual(told)
  })

  it('can be paused and gone on with, here and from another process by their address', async () => {
    let upload = sluice.upload(new Blob([bytes]), {
      ...options,
      onProgress: ({ bytes: sent }) => sent >= 2 ** 20 && pause(),
    })
    let paused: Promise<void> | undefined
    const pause = () => {
      paused ??= upload.pause()
    }
    await expect.poll(() => paused !== undefined).toBe(true)
    await paused
    const before = await sluice.asset(upload.assetId ?? '')
    expect(before.status).toBe('waiting')
    const resume = upload.url ?? ''
    upload = sluice.upload(new Blob([bytes]), { ...options, resume })
    const { assetId } = await upload.finished
    expect(assetId).toBe(before.id)
    expect(await sumOf(assetId)).toBe(sum)
  })

  it('that were given up by somebody else meanwhile are made anew, whole, as another asset', async () => {
    const filename = `${randomUUID()}.mp4`
    const proxy = await moodyProxy(url, givenUp(url, bearer(key)))
    const { assetId } = await new Sluice({ url: proxy.url, key }).upload(bytes, { ...options, filename }).finished
    expect(await statusesOf(filename)).toEqual([
      { id: expect.not.stringContaining(assetId), status: 'cancelled' },
      { id: assetId, status: 'queued' },
    ])
    expect(await sumOf(assetId)).toBe(sum)
    expect(proxy.seen.slice(0, 4)).toEqual(['POST', 'PATCH', 'HEAD', 'POST'])
  })

  it('are one asset though a server had no answer as it was asked how far they are', async () => {
    const filename = `${randomUUID()}.mp4`
    const [lost, busy] = [firstTime('PATCH', 'unhear'), firstTime('HEAD', 'refuse')]
    const proxy = await moodyProxy(url, (request) => lost(request) ?? busy(request))
    const { assetId } = await new Sluice({ url: proxy.url, key }).upload(bytes, { ...options, filename }).finished
    expect(await statusesOf(filename)).toEqual([{ id: assetId, status: 'queued' }])
    expect(await sumOf(assetId)).toBe(sum)
    expect(proxy.seen.slice(0, 4)).toEqual(['POST', 'PATCH', 'HEAD', 'POST'])
  })

  it('stop when the signal aborts, and leave what came', async () => {
    const controller = new AbortController()
    const upload = sluice.upload(new Blob([bytes]), {
      ...options,
      signal: controller.signal,
      onProgress: ({ bytes: sent }) => sent >= 2 ** 20 && controller.abort(new Error('enough')),
    })
    await expect(upload.finished).rejects.toThrow('enough')
    expect((await sluice.asset(upload.assetId ?? '')).status).toBe('waiting')
    await upload.cancel()
    await expect.poll(async () => (await sluice.asset(upload.assetId ?? '')).status).toBe('cancelled')
  })

  it('that are cancelled at once send nothing, end what they went on with, and need nobody to hear of it', async () => {
    const unheard: unknown[] = []
    const hear = (reason: unknown) => unheard.push(reason)
    process.on('unhandledRejection', hear)
    const before = (await made()).length
    const upload = sluice.upload(new Blob([bytes]), options)
    await upload.cancel()
    upload.resume()
    const asked = Promise.withResolvers<void>()
    const late = Promise.withResolvers<string>()
    const slow = new Sluice({
      url,
      key() {
        asked.resolve()
        return late.promise
      },
    }).upload(new Blob([bytes]), options)
    await asked.promise
    await slow.cancel()
    late.resolve(key)
    // Begun after them, so at its end the others would have been sent too.
    const { assetId } = await sluice.upload(new Blob([bytes]), options).finished
    expect((await made()).length).toBe(before + 1)
    expect([upload.url, upload.assetId]).toEqual([undefined, undefined])
    const half = sluice.upload(new Blob([bytes]), {
      ...options,
      onProgress: ({ bytes: sent }) => sent > 0 && half.pause(),
    })
    await expect.poll(() => half.url).toBeDefined()
    await half.pause()
    await sluice.upload(new Blob([bytes]), { ...options, resume: half.url ?? '' }).cancel()
    expect((await sluice.asset(half.assetId ?? '')).status).toBe('cancelled')
    expect((await sluice.asset(assetId)).status).toBe('queued')
    process.off('unhandledRejection', hear)
    expect(unheard).toEqual([])
  })

  it('go by a token of one upload, which a browser may hold', async () => {
    const { token } = await sluice.createUploadToken({ maxBytes: bytes.length, metadata: { user: 7 } })
    const browser = new Sluice({ url, key: token })
    const { assetId } = await browser.upload(new Blob([bytes]), options).finished
    expect((await sluice.asset(assetId)).metadata).toEqual({ album: 'summer', user: 7 })
    await expect(browser.upload(new Blob([bytes]), options).finished).rejects.toThrow(/upload_token_used/)
  })

  it('that are refused say so as every call does', async () => {
    const { token } = await sluice.createUploadToken({ maxBytes: 5 })
    const { finished } = new Sluice({ url, key: token }).upload(new Blob([bytes]), options)
    await expect(finished).rejects.toMatchObject({ name: 'SluiceProblem', status: 413, code: 'too_large' })
  })

  it('go in chunks, some at once, and go on where an earlier try ended', async () => {
    const externalId = randomUUID()
    const chunked = { externalId, chunkBytes: 256 * 1024, parallel: 3 }
    const broken = new Sluice({ url, key, retries: 0, fetch: failing(...Array(5).fill(undefined), 'refused') })
    await expect(broken.uploadChunked(new Blob([bytes]), chunked)).rejects.toThrow('fetch failed')
    const told: number[] = []
    const asset = await sluice.uploadChunked(bytes, { ...chunked, onProgress: (sent) => told.push(sent.bytes) })
    expect(asset).toMatchObject({ status: 'queued', externalId, source: { bytes: bytes.length } })
    expect(told.length).toBeLessThan(13)
    expect(told.at(-1)).toBe(bytes.length)
  })

  it('of small files go in a form', async () => {
    const asset = await sluice.uploadFile(new File([bytes.subarray(0, 100)], 'cat.jpg'), { metadata: { a: 1 } })
    expect(asset).toMatchObject({ source: { filename: 'cat.jpg', bytes: 100 }, metadata: { a: 1 } })
  })
})
