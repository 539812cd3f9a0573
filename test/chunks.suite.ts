import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { buildApp } from '../api/app.ts'
import { createKey } from '../core/db/keys.ts'
import { handlers } from '../workers/handlers.ts'
import { runTask } from '../workers/run-task.ts'
import { tidyUploads } from '../workers/upkeep/uploads.ts'
import { atEnd } from './setup/at-end.ts'
import { onlyHandlers, readAsset, type TestHouse, testHouse } from './setup/house.ts'
import { runTasks } from './setup/run-through.ts'

type Way = { name: string; env(): Promise<Record<string, string>> }

const KiB = 1024
const chunkBytes = 256 * KiB
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
const digest = (bytes: Buffer) => `sha-256=:${sha256(bytes).toString('base64')}:`
const open = new AbortController().signal

/** The chunk protocol as a client speaks it; the same on every storage. */
export function chunksSuite(way: Way): void {
  describe(`an upload in chunks, on ${way.name}`, () => {
    let house: TestHouse
    let urls: string[] = []

    async function serve(changes: Partial<TestHouse['config']> = {}): Promise<string> {
      const app = await buildApp({ ...house, config: { ...house.config, ...changes } })
      atEnd(() => app.close())
      return app.listen({ host: '127.0.0.1', port: 0 })
    }
    beforeAll(async () => {
      house = await testHouse({ env: await way.env() })
      urls = [await serve(), await serve()]
    })

    async function call(method: string, path: string, body?: unknown, url = urls[0]) {
      const json =
        body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      const answer = await fetch(`${url}${path}`, { method, ...json })
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
    }
    async function put(
      id: string,
      index: number | string,
      bytes: Buffer,
      headers: Record<string, string> = {},
      url = urls[0],
    ) {
      const answer = await fetch(`${url}/v1/uploads/${id}/chunks/${index}`, {
        method: 'PUT',
        body: new Uint8Array(bytes),
        headers,
      })
      const text = await answer.text()
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
    }
    async function begin(bytes: number, more: Record<string, unknown> = {}): Promise<string> {
      const { status, body } = await call('POST', '/v1/uploads', { filename: 'film.mp4', bytes, chunkBytes, ...more })
      expect(status).toBe(201)
      return body.id
    }
    const cut = (bytes: Buffer) =>
      Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
        bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
      )
    async function stored(id: string): Promise<string[]> {
      const keys: string[] = []
      for await (const { key } of house.storage.list(`default/${id}/`)) keys.push(key)
      return keys
    }
    const eventsOf = async (id: string) =>
      (await house.db.selectFrom('events').select('type').where('asset_id', '=', id).orderBy('sequence').execute()).map(
        ({ type }) => type,
      )
    /** Seals and tidies, and looks at nothing. */
    async function settle(id: string) {
      const looked: string[] = []
      const inspect = async () => {
        looked.push(id)
        return { result: null }
      }
      await runTasks(house, id, onlyHandlers({ seal: handlers.seal, purge: handlers.purge, inspect }))
      return { asset: await readAsset(house, id), looked }
    }
    async function sourceOf(id: string): Promise<Buffer> {
      const { source_key } = await readAsset(house, id)
      return Buffer.concat(await (await house.storage.get(source_key ?? '')).toArray())
    }

    it('comes in any order, in parallel, over two API processes, each chunk twice at once, and is one asset, uploaded once', async () => {
      const film = randomBytes(39 * chunkBytes + 12_345)
      const created = await call('POST', '/v1/uploads', {
        ...{ filename: 'Ferien & Meer.mp4', bytes: film.length, chunkBytes, sha256: sha256(film).toString('hex') },
        ...{ metadata: { album: 'x' }, externalId: 'walk-1' },
      })
      expect(created.status).toBe(201)
      const { id } = created.body
      expect(created.body).toMatchObject({ assetId: id, chunkBytes, chunks: 40, missing: [[0, 39]], status: 'open' })
      expect(Date.parse(created.body.expiresAt)).toBeGreaterThan(Date.now() + 3_600_000)
      expect(created.headers.get('location')).toBe(`/v1/uploads/${id}`)
      expect(created.headers.get('asset-id')).toBe(id)
      expect((await call('GET', `/v1/assets/${id}`)).body).toMatchObject({ status: 'waiting', externalId: 'walk-1' })

      const chunks = cut(film)
      const order = [...chunks.keys()].sort(() => Math.random() - 0.5)
      const early = order.slice(0, 25)
      const send = (index: number, url: number) =>
        put(id, index, chunks[index] as Buffer, { 'content-digest': digest(chunks[index] as Buffer) }, urls[url])
      const answers = await Promise.all(early.flatMap((index) => [send(index, 0), send(index, 1)]))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]))
      const received = early.reduce((sum, index) => sum + (chunks[index]?.length ?? 0), 0)
      expect((await call('GET', `/v1/assets/${id}`)).body.source).toMatchObject({ receivedBytes: received })
      const half = (await call('GET', `/v1/uploads/${id}`, undefined, urls[1])).body
      const missing: number[] = half.missing.flatMap(([from, to]: number[]) =>
        Array.from({ length: (to ?? 0) - (from ?? 0) + 1 }, (_, step) => (from ?? 0) + step),
      )
      expect(missing).toEqual(order.slice(25).sort((a, b) => a - b))
      expect(await stored(id)).toHaveLength(25)
      const refused = await call('POST', `/v1/uploads/${id}/complete`)
      expect(refused).toMatchObject({ status: 409, body: { code: 'upload_incomplete', missing: half.missing } })

      await Promise.all(order.slice(25).map((index) => send(index, index % 2)))
      const ends = await Promise.all(
        Array.from({ length: 6 }, (_, at) => call('POST', `/v1/uploads/${id}/complete`, undefined, urls[at % 2])),
      )
      expect(ends.map(({ status, body }) => [status, body.id])).toEqual(Array(6).fill([202, id]))
      expect((await call('GET', `/v1/uploads/${id}`)).body).toMatchObject({ status: 'done', missing: [] })

      const { asset, looked } = await settle(id)
      expect(looked).toEqual([id])
      expect(asset).toMatchObject({ source_sha256: sha256(film).toString('hex'), source_bytes: film.length })
      expect((await sourceOf(id)).equals(film)).toBe(true)
      expect(await stored(id)).toEqual([asset.source_key])
      expect(await eventsOf(id)).toEqual(['asset.created', 'asset.uploaded'])
      expect(await call('POST', `/v1/uploads/${id}/complete`)).toMatchObject({ status: 202, body: { id } })
      expect(await put(id, 0, chunks[0] as Buffer)).toMatchObject({ status: 409, body: { code: 'conflict' } })
    })

    it('of one chunk needs no joining, and comes without type, length or digest', async () => {
      const bytes = randomBytes(1_000)
      const id = await begin(bytes.length)
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(bytes))
          controller.close()
        },
      })
      const answer = await fetch(`${urls[0]}/v1/uploads/${id}/chunks/0`, { method: 'PUT', body, duplex: 'half' })
      expect(answer.status).toBe(204)
      expect((await call('POST', `/v1/uploads/${id}/complete`, {})).status).toBe(202)
      expect((await settle(id)).asset.source_sha256).toBe(sha256(bytes).toString('hex'))
      expect((await sourceOf(id)).equals(bytes)).toBe(true)
    })

    it.each([
      ['a byte too few', randomBytes(chunkBytes - 1), {}, 400, 'invalid_request'],
      ['a byte too many', randomBytes(chunkBytes + 1), {}, 400, 'invalid_request'],
      ['far too many', randomBytes(40 * chunkBytes), {}, 400, 'invalid_request'],
      ['nothing', Buffer.alloc(0), {}, 400, 'invalid_request'],
      [
        'another digest',
        randomBytes(chunkBytes),
        { 'content-digest': digest(Buffer.from('x')) },
        422,
        'checksum_mismatch',
      ],
      [
        'another digest of sha-512',
        randomBytes(chunkBytes),
        { 'content-digest': `sha-512=:${createHash('sha512').update('x').digest('base64')}:` },
        422,
        'checksum_mismatch',
      ],
      [
        'a digest that cannot be read',
        randomBytes(chunkBytes),
        { 'content-digest': 'sha-256=abc' },
        400,
        'invalid_request',
      ],
    ] as [string, Buffer, Record<string, string>, number, string][])(
      'a chunk with %s is refused, said or streamed, and nothing of it is kept',
      async (_what, bytes, headers, status, code) => {
        const id = await begin(3 * chunkBytes)
        expect(await put(id, 1, bytes, headers)).toMatchObject({ status, body: { code } })
        const body = new ReadableStream({
          start(controller) {
            if (bytes.length > 0) controller.enqueue(new Uint8Array(bytes))
            controller.close()
          },
        })
        const streamed = await fetch(`${urls[0]}/v1/uploads/${id}/chunks/1`, {
          method: 'PUT',
          body,
          headers,
          duplex: 'half',
        })
        expect([streamed.status, ((await streamed.json()) as { code: string }).code]).toEqual([status, code])
        expect(await stored(id)).toEqual([])
        expect((await call('GET', `/v1/uploads/${id}`)).body).toMatchObject({ missing: [[0, 2]], receivedBytes: 0 })
      },
    )

    it('a chunk stands as it first came: the same again is fine, other bytes are not', async () => {
      const id = await begin(2 * chunkBytes)
      const bytes = randomBytes(chunkBytes)
      expect((await put(id, 0, bytes)).status).toBe(204)
      expect((await put(id, 0, bytes)).status).toBe(204)
      expect(await put(id, 0, randomBytes(chunkBytes))).toMatchObject({ status: 409, body: { code: 'conflict' } })
      const rivals = await Promise.all(
        [1, 2, 3, 4].map((n) => put(id, 1, Buffer.alloc(chunkBytes, n), {}, urls[n % 2])),
      )
      expect(rivals.map(({ status }) => status).sort()).toEqual([204, 409, 409, 409])
      expect(await stored(id)).toHaveLength(2)
      const winner = rivals.findIndex(({ status }) => status === 204) + 1
      await call('POST', `/v1/uploads/${id}/complete`)
      await settle(id)
      expect((await sourceOf(id)).equals(Buffer.concat([bytes, Buffer.alloc(chunkBytes, winner)]))).toBe(true)
    })

    it('whose sender hangs up in the middle of a chunk leaves nothing behind, and takes it again', async () => {
      const id = await begin(chunkBytes)
      const sending = httpRequest(`${urls[0]}/v1/uploads/${id}/chunks/0`, {
        method: 'PUT',
        headers: { 'content-length': chunkBytes },
      })
      sending.on('error', () => sending.destroy())
      await new Promise((resolve) => sending.write(Buffer.alloc(chunkBytes / 2), resolve))
      sending.destroy()
      await call('GET', `/v1/uploads/${id}`)
      expect(await stored(id)).toEqual([])
      const bytes = randomBytes(chunkBytes)
      expect((await put(id, 0, bytes)).status).toBe(204)
      expect(await stored(id)).toHaveLength(1)
    })

    it.each([
      [{ bytes: 0 }, 400, 'invalid_request'],
      [{ bytes: -1 }, 400, 'invalid_request'],
      [{ bytes: 1.5 }, 400, 'invalid_request'],
      [{ bytes: '10' }, 400, 'invalid_request'],
      [{ bytes: 2 ** 60 }, 400, 'invalid_request'],
      [{ bytes: 11 * 2 ** 30 }, 413, 'too_large'],
      [{ chunkBytes: chunkBytes - 1 }, 400, 'invalid_request'],
      [{ chunkBytes: 100 * 2 ** 20 + 1 }, 400, 'invalid_request'],
      [{ sha256: 'abc' }, 400, 'invalid_request'],
      [{ filename: '' }, 400, 'invalid_request'],
      [{ profile: 'none-such' }, 400, 'invalid_request'],
      [{ colour: 'red' }, 400, 'invalid_request'],
    ])('with %j is refused', async (wrong, status, code) => {
      const wish = { filename: 'a.mp4', bytes: 1_000, ...wrong }
      expect(await call('POST', '/v1/uploads', wish)).toMatchObject({ status, body: { code } })
    })

    it('in too many chunks is refused with the size that would do', async () => {
      const url = await serve({ MAX_UPLOAD_BYTES: 2 ** 50 })
      const wish = { filename: 'a.mp4', bytes: 2 ** 40, chunkBytes }
      const answer = await call('POST', '/v1/uploads', wish, url)
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
      const least = Number(/(\d+) bytes or more/.exec(answer.body.detail)?.[1])
      expect((await call('POST', '/v1/uploads', { ...wish, chunkBytes: least }, url)).body.chunks).toBe(100_000)
      const usual = await call('POST', '/v1/uploads', { filename: 'a.mp4', bytes: 2 ** 40 }, url)
      expect(usual.body).toMatchObject({ chunkBytes: 11 * 2 ** 20 })
    })

    it('begun again under its external id goes on; another thing under that id is refused with the asset it stands for', async () => {
      const id = await begin(2 * chunkBytes, { externalId: 'again-1' })
      await put(id, 1, randomBytes(chunkBytes))
      const wish = { filename: 'film.mp4', bytes: 2 * chunkBytes, externalId: 'again-1' }
      expect(await call('POST', '/v1/uploads', wish)).toMatchObject({
        status: 200,
        body: { id, chunkBytes, missing: [[0, 0]] },
      })
      expect(await call('POST', '/v1/uploads', { ...wish, bytes: 7 })).toMatchObject({
        status: 409,
        body: { code: 'conflict', assetId: id },
      })
    })

    it('of another tenant is as absent as one that never was, to every call', async () => {
      const url = await serve({ AUTH: 'keys' })
      const bearer = async (tenant: string, scope: 'uploads' | 'webhooks' = 'uploads') => {
        const { secret } = await createKey(house.db, { tenant, name: 'test', scopes: [scope] })
        return { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
      }
      const [mine, theirs] = [await bearer('mine'), await bearer('theirs')]
      const ask = async (
        headers: Record<string, string>,
        method: string,
        path: string,
        body?: string,
      ): Promise<Record<string, unknown>> => {
        const answer = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
        const { requestId: _, ...rest } = (await answer.json()) as Record<string, string>
        return { ...rest, status: answer.status }
      }
      const made = await ask(mine, 'POST', '/v1/uploads', JSON.stringify({ filename: 'a', bytes: 5 }))
      const calls = (id: string): [string, string, string?][] => [
        ['GET', `/v1/uploads/${id}`],
        ['DELETE', `/v1/uploads/${id}`],
        ['POST', `/v1/uploads/${id}/complete`, '{}'],
        ['PUT', `/v1/uploads/${id}/chunks/0`, 'hello'],
      ]
      const absent = calls('01900000-0000-7000-8000-000000000000')
      for (const [at, [method, path, body]] of calls(String(made['id'])).entries()) {
        const [, nowhere = '', same] = absent[at] ?? []
        const { authorization, ...json } = theirs
        const headers = { authorization: authorization ?? '', ...(body === undefined ? {} : json) }
        const found = await ask(headers, method, path, body)
        expect(found, path).toMatchObject({ status: 404, code: 'not_found' })
        expect(await ask(headers, method, nowhere, same)).toEqual(found)
      }
      const wrongScope = await bearer('mine', 'webhooks')
      expect(await ask(wrongScope, 'GET', `/v1/uploads/${made['id']}`)).toMatchObject({
        status: 403,
        code: 'forbidden',
      })
      expect(await ask({}, 'GET', `/v1/uploads/${made['id']}`)).toMatchObject({ status: 401, code: 'unauthorized' })
    })

    it('whose time is over answers 410, fails its asset, and leaves nothing', async () => {
      const url = await serve({ UPLOAD_TTL: 1 })
      const { id } = (await call('POST', '/v1/uploads', { filename: 'a.mp4', bytes: 2 * chunkBytes, chunkBytes }, url))
        .body
      expect((await put(id, 0, randomBytes(chunkBytes), {}, url)).status).toBe(204)
      expect(await stored(id)).toHaveLength(1)
      await vi.waitFor(async () => expect((await call('GET', `/v1/uploads/${id}`, undefined, url)).status).toBe(410))
      const over = { status: 410, body: { code: 'upload_expired' } }
      expect(await put(id, 1, randomBytes(chunkBytes), {}, url)).toMatchObject(over)
      expect(await call('POST', `/v1/uploads/${id}/complete`, undefined, url)).toMatchObject(over)
      expect(await call('DELETE', `/v1/uploads/${id}`, undefined, url)).toMatchObject(over)
      await tidyUploads(house)
      expect((await call('GET', `/v1/assets/${id}`)).body).toMatchObject({
        status: 'failed',
        error: { code: 'upload_expired', retryable: false },
      })
      expect(await stored(id)).toEqual([])
      expect(await eventsOf(id)).toEqual(['asset.created', 'asset.failed'])
    })

    it.each([
      ['is given up', (id: string) => call('DELETE', `/v1/uploads/${id}`), 204],
      ['is cancelled with its asset', (id: string) => call('POST', `/v1/assets/${id}/cancel`), 200],
      ['is deleted with its asset', (id: string) => call('DELETE', `/v1/assets/${id}`), 204],
    ])('that %s answers 410 from then on, and leaves nothing', async (_what, end, status) => {
      const id = await begin(2 * chunkBytes)
      await put(id, 0, randomBytes(chunkBytes))
      expect((await end(id)).status).toBe(status)
      const over = { status: 410, body: { code: 'upload_expired' } }
      expect(await call('GET', `/v1/uploads/${id}`)).toMatchObject(over)
      expect(await put(id, 1, randomBytes(chunkBytes))).toMatchObject(over)
      expect(await call('POST', `/v1/uploads/${id}/complete`)).toMatchObject(over)
      await tidyUploads(house)
      expect(await stored(id)).toEqual([])
    })

    it('cancelled while chunks pour in and it is completed ends one way or the other, and never in a deadlock', async () => {
      for (let round = 0; round < 5; round++) {
        const id = await begin(8 * chunkBytes)
        const bytes = Buffer.alloc(chunkBytes, round)
        const puts = [...Array(8).keys()].map((index) => put(id, index, bytes, {}, urls[index % 2]))
        const rivals = [
          call('POST', `/v1/assets/${id}/cancel`),
          call('POST', `/v1/uploads/${id}/complete`, undefined, urls[1]),
        ]
        const answers = await Promise.all([...puts, ...rivals])
        for (const { status } of answers) expect([200, 202, 204, 409, 410]).toContain(status)
      }
    })

    it('that is not what its SHA-256 said fails at once, for good, and leaves nothing', async () => {
      const bytes = randomBytes(2 * chunkBytes)
      const id = await begin(bytes.length, { sha256: sha256(randomBytes(9)).toString('hex') })
      await Promise.all(cut(bytes).map((chunk, index) => put(id, index, chunk)))
      expect((await call('POST', `/v1/uploads/${id}/complete`)).status).toBe(202)
      const { asset, looked } = await settle(id)
      expect(looked).toEqual([])
      expect(asset).toMatchObject({ status: 'failed', error: { code: 'checksum_mismatch', retryable: false } })
      const tasks = await house.db.selectFrom('tasks').select(['key', 'attempt']).where('asset_id', '=', id).execute()
      expect(tasks).toEqual([{ key: 'seal', attempt: 1 }])
      await tidyUploads(house)
      expect(await stored(id)).toEqual([])
    })

    it('is sealed again when its first sealing was not written down: the pieces wait for that', async () => {
      const bytes = randomBytes(2 * chunkBytes + 1)
      const id = await begin(bytes.length)
      await Promise.all(cut(bytes).map((chunk, index) => put(id, index, chunk)))
      await call('POST', `/v1/uploads/${id}/complete`)
      const task = await house.db.selectFrom('tasks').select('id').where('asset_id', '=', id).executeTakeFirstOrThrow()
      const lost = onlyHandlers({
        seal: async (run) => {
          await handlers.seal(run)
          throw new Error('the machine stopped right here')
        },
      })
      expect(await runTask({ house, taskId: task.id, handlers: lost, closing: open })).toMatchObject({ end: 'again' })
      expect((await stored(id)).length).toBe(4)
      const { asset } = await settle(id)
      expect(asset.source_sha256).toBe(sha256(bytes).toString('hex'))
      expect(await stored(id)).toEqual([asset.source_key])
    })
  })
}
