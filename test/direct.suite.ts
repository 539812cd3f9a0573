import { createHash, randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { freePort } from '../core/db/embedded/free-port.ts'
import { parseOpenParts } from '../core/storage/parts.ts'
import { handlers } from '../workers/handlers.ts'
import { tidyUploads } from '../workers/upkeep/uploads.ts'
import { atEnd } from './setup/at-end.ts'
import { endTimeOf } from './setup/end-time.ts'
import { onlyHandlers, readAsset, type TestHouse, testHouse } from './setup/house.ts'
import { runTasks } from './setup/run-through.ts'

type Way = {
  name: string
  env(): Promise<Record<string, string>>
  /** Whether parts are to go to the store itself, whatever becomes of trying it. */
  atStore?: boolean
}
type Part = { partNumber: number; etag: string }

const MiB = 2 ** 20
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Uploads directly to storage, as one client does them on any storage. */
export function directSuite(way: Way): void {
  describe(`an upload directly to ${way.name}`, () => {
    const atStore = way.atStore ?? false
    let house: TestHouse
    let url = ''

    async function serve(changes: Partial<TestHouse['config']> = {}): Promise<string> {
      const port = await freePort()
      const publicUrl = `http://127.0.0.1:${port}`
      const app = await buildApp({ ...house, config: { ...house.config, publicUrl, ...changes } })
      atEnd(() => app.close())
      return app.listen({ host: '127.0.0.1', port })
    }
    beforeAll(async () => {
      const env = { DIRECT_UPLOADS: 'on', SIGNING_SECRET: 'a secret of many letters', ...(await way.env()) }
      house = await testHouse({ env })
      if (atStore) Object.assign(house.storage.parts ?? {}, { trusted: async () => true })
      url = await serve()
      atEnd(async () => {
        await house.db
          .updateTable('uploads')
          .set({ expires_at: new Date(0) })
          .where('status', '=', 'open')
          .execute()
        await tidyUploads(house)
      })
    })

    async function call(method: string, path: string, body?: unknown, at = url) {
      const json =
        body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      const answer = await fetch(`${at}${path}`, { method, ...json })
      const text = await answer.text()
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
    }
    async function begin(bytes: number, more: Record<string, unknown> = {}, at = url): Promise<string> {
      const wish = { filename: 'film.mp4', bytes, strategy: 'direct', ...more }
      const { status, body } = await call('POST', '/v1/uploads', wish, at)
      expect(status).toBe(201)
      return body.id
    }
    async function addressOf(id: string, partNumber: number, at = url): Promise<string> {
      const { status, body } = await call('POST', `/v1/uploads/${id}/parts`, { partNumbers: [partNumber] }, at)
      expect([status, body?.data?.[0]?.partNumber]).toEqual([200, partNumber])
      expect(Date.parse(body.data[0].expiresAt)).toBeGreaterThan(Date.now())
      return body.data[0].url
    }
    const send = (address: string, bytes: Buffer, headers: Record<string, string> = {}) =>
      fetch(address, { method: 'PUT', body: new Uint8Array(bytes), headers })
    async function put(id: string, partNumber: number, bytes: Buffer): Promise<Part> {
      const answer = await send(await addressOf(id, partNumber), bytes)
      expect(answer.status, await answer.text()).toBe(200)
      return { partNumber, etag: answer.headers.get('etag') ?? '' }
    }
    const complete = (id: string, parts?: Part[]) => call('POST', `/v1/uploads/${id}/complete`, parts && { parts })
    async function stored(id: string): Promise<string[]> {
      const keys: string[] = []
      for await (const { key } of house.storage.list(`default/${id}/`)) keys.push(key)
      return keys
    }
    async function settle(id: string) {
      const inspect = async () => ({ result: null })
      await runTasks(house, id, onlyHandlers({ seal: handlers.seal, purge: handlers.purge, inspect }))
      return readAsset(house, id)
    }
    async function sourceOf(id: string): Promise<Buffer> {
      const { source_key } = await readAsset(house, id)
      return Buffer.concat(await (await house.storage.get(source_key ?? '')).toArray())
    }
    const growthOf = async (id: string) =>
      (await house.db.selectFrom('uploads').select('growth').where('id', '=', id).executeTakeFirstOrThrow()).growth
    /** What the store still holds of it, where the store takes the parts itself. */
    const openParts = async (id: string) =>
      atStore ? house.storage.parts?.list(parseOpenParts(await growthOf(id))) : undefined

    it('comes in parts of the client’s own size, in any order, and is one asset, uploaded once', async () => {
      const film = randomBytes(11 * MiB + 77)
      const id = await begin(film.length, { sha256: sha256(film), externalId: 'direct-1' })
      const pieces = [film.subarray(0, 5 * MiB), film.subarray(5 * MiB, 10 * MiB), film.subarray(10 * MiB)]
      const [third, first, second] = await Promise.all(
        [3, 1, 2].map((partNumber) => put(id, partNumber, pieces[partNumber - 1] as Buffer)),
      )
      const parts = [first, second, third] as Part[]
      expect(await complete(id, [...parts].reverse())).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
      const ends = await Promise.all([complete(id, parts), complete(id, parts), complete(id, parts)])
      for (const { status } of ends) expect([202, 503]).toContain(status)
      expect(ends.map(({ status }) => status)).toContain(202)
      expect(await complete(id, parts)).toMatchObject({ status: 202, body: { id, source: { bytes: film.length } } })
      const asset = await settle(id)
      expect(asset.source_sha256).toBe(sha256(film))
      expect((await sourceOf(id)).equals(film)).toBe(true)
      expect(await stored(id)).toEqual([asset.source_key])
      const events = await house.db.selectFrom('events').select('type').where('asset_id', '=', id).execute()
      expect(events.map(({ type }) => type)).toEqual(['asset.created', 'asset.uploaded'])
      expect(await openParts(id)).toBeUndefined()
    })

    it('of a client that said how it cuts takes exactly those sizes', async () => {
      const film = randomBytes(5 * MiB + 9)
      const id = await begin(film.length, { chunkBytes: 5 * MiB })
      const { body } = await call('POST', `/v1/uploads/${id}/parts`, { partNumbers: [1, 2] })
      expect(body.data.map((part: { bytes: number }) => part.bytes)).toEqual([5 * MiB, 9])
      const [one, two] = body.data
      for (const bytes of [film.subarray(0, 5 * MiB - 1), Buffer.concat([film.subarray(0, 5 * MiB), Buffer.from('x')])])
        expect((await send(one.url, bytes)).status).toBeGreaterThanOrEqual(400)
      expect((await call('POST', `/v1/uploads/${id}/parts`, { partNumbers: [3] })).status).toBe(400)
      expect((await call('GET', `/v1/uploads/${id}`)).body).toMatchObject({ chunks: 2, missing: [[0, 1]] })
      const second = await send(two.url, film.subarray(5 * MiB))
      expect((await call('GET', `/v1/uploads/${id}`)).body).toMatchObject({ missing: [[0, 0]] })
      const first = await send(one.url, film.subarray(0, 5 * MiB))
      const parts = [first, second].map((answer, at) => ({
        partNumber: at + 1,
        etag: answer.headers.get('etag') ?? '',
      }))
      expect((await complete(id, parts)).status).toBe(202)
      await settle(id)
      expect((await sourceOf(id)).equals(film)).toBe(true)
    })

    it('is held to its list: of parts that are there, in order, with the tags they got, of all the bytes and no more', async () => {
      const id = await begin(1_000)
      const whole = await put(id, 1, randomBytes(1_000))
      const refused = async (parts: Part[] | undefined, status: number, code: string) =>
        expect(await complete(id, parts)).toMatchObject({ status, body: { code } })
      await refused(undefined, 400, 'invalid_request')
      await refused([], 400, 'invalid_request')
      await refused([{ ...whole, etag: `"${'0'.repeat(32)}"` }], 400, 'invalid_request')
      await refused([whole, whole], 400, 'invalid_request')
      await refused([{ ...whole, partNumber: 2 }], 409, 'upload_incomplete')
      const less = await put(id, 1, randomBytes(999))
      await refused([whole], 400, 'invalid_request')
      await refused([less], 409, 'upload_incomplete')
      expect(await readAsset(house, id)).toMatchObject({ status: 'waiting' })
      const bytes = randomBytes(1_000)
      const again = await put(id, 1, bytes)
      expect((await complete(id, [{ ...again, etag: again.etag.replaceAll('"', '') }])).status).toBe(202)
      await settle(id)
      expect((await sourceOf(id)).equals(bytes)).toBe(true)
    })

    it('that was announced as something else fails, and leaves nothing', async () => {
      const id = await begin(1_000, { sha256: sha256(Buffer.from('other')) })
      expect((await complete(id, [await put(id, 1, randomBytes(1_000))])).status).toBe(202)
      expect(await settle(id)).toMatchObject({ status: 'failed', error: { code: 'checksum_mismatch' } })
      await tidyUploads(house)
      expect(await stored(id)).toEqual([])
    })

    it('takes parts at its own addresses alone: not tampered with, not of another part, not without a signature', async () => {
      const [id, other] = [await begin(10), await begin(10)]
      const address = new URL(await addressOf(id, 1))
      const changed = (change: (url: URL) => void) => {
        const copy = new URL(address)
        change(copy)
        return copy.href
      }
      const query = (name: string, value: string) => changed((it) => it.searchParams.set(name, value))
      const path = (from: RegExp | string, to: string) =>
        changed((it) => {
          it.pathname = it.pathname.replace(from, to)
        })
      const wrong = [
        query(atStore ? 'X-Amz-Signature' : 'sig', 'a'.repeat(atStore ? 64 : 43)),
        atStore ? query('X-Amz-Expires', '9999') : query('exp', String(Number(address.searchParams.get('exp')) + 1)),
        atStore ? query('partNumber', '2') : path(/1$/, '2'),
        path(id, other),
        changed((it) => {
          it.search = ''
        }),
      ]
      for (const it of wrong)
        expect((await send(it, Buffer.alloc(10))).status, it.split('?')[0]).toBe(atStore ? 403 : 401)
      for (const one of [id, other]) expect(await stored(one)).toEqual([])
      expect((await send(address.href, Buffer.alloc(10))).status).toBe(200)
    })

    it('whose time is over leaves nothing, and its addresses take nothing more', async () => {
      const id = await begin(2_000)
      const address = await addressOf(id, 1)
      expect((await send(address, randomBytes(1_000))).status).toBe(200)
      await endTimeOf(house, id)
      expect((await call('GET', `/v1/uploads/${id}`)).status).toBe(410)
      expect(await complete(id, [{ partNumber: 1, etag: 'x' }])).toMatchObject({
        status: 410,
        body: { code: 'upload_expired' },
      })
      const growth = await growthOf(id)
      await tidyUploads(house)
      expect(await stored(id)).toEqual([])
      if (atStore) expect(await house.storage.parts?.list(parseOpenParts(growth))).toBeUndefined()
      expect([404, 410]).toContain((await send(address, randomBytes(1_000))).status)
      expect(await stored(id)).toEqual([])
    })

    it('begun again under its external id goes on, and opens nothing twice', async () => {
      const id = await begin(500, { externalId: 'direct-again' })
      const wish = { filename: 'film.mp4', bytes: 500, strategy: 'direct', externalId: 'direct-again' }
      expect(await call('POST', '/v1/uploads', wish)).toMatchObject({ status: 200, body: { id } })
      expect((await call('POST', '/v1/uploads', { ...wish, strategy: 'chunks' })).status).toBe(409)
      expect((await complete(id, [await put(id, 1, randomBytes(500))])).status).toBe(202)
    })

    it('is refused where it is off, and wants its own calls', async () => {
      const off = await serve({ DIRECT_UPLOADS: false })
      const wish = { filename: 'a.mp4', bytes: 10, strategy: 'direct' }
      expect(await call('POST', '/v1/uploads', wish, off)).toMatchObject({
        status: 409,
        body: { code: 'direct_uploads_off' },
      })
      const id = await begin(10)
      expect(await call('PUT', `/v1/uploads/${id}/chunks/0`)).toMatchObject({ status: 409 })
      expect(await call('POST', `/v1/uploads/${id}/parts`, { partNumbers: [1] }, off)).toMatchObject({ status: 409 })
      for (const partNumbers of [[], [0], [10_001], ['1'], Array(101).fill(1)])
        expect((await call('POST', `/v1/uploads/${id}/parts`, { partNumbers })).status).toBe(400)
      const chunked = (await call('POST', '/v1/uploads', { ...wish, strategy: 'chunks' })).body.id
      expect(await call('POST', `/v1/uploads/${chunked}/parts`, { partNumbers: [1] })).toMatchObject({ status: 409 })
      expect(await complete(chunked, [{ partNumber: 1, etag: 'x' }])).toMatchObject({ status: 400 })
      expect((await call('DELETE', `/v1/uploads/${id}`)).status).toBe(204)
    })

    it('that its store had joined when the process died is finished by the next call', async () => {
      const id = await begin(700)
      const part = await put(id, 1, randomBytes(700))
      if (atStore) await house.storage.parts?.join(parseOpenParts(await growthOf(id)), [part])
      expect(await complete(id, [part])).toMatchObject({ status: 202, body: { status: 'queued' } })
    })
  })
}
