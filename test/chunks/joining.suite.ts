import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { handlers } from '../../workers/handlers.ts'
import { runTask } from '../../workers/run-task.ts'
import { tidyUploads } from '../../workers/upkeep/uploads.ts'
import { onlyHandlers } from '../setup/house.ts'
import { type ChunkDesk, chunkBytes, cut, digest, sha256 } from './chunk-desk.ts'

/** From many chunks one source, of the very bytes that were promised. */
export function chunksAreJoined(desk: ChunkDesk): void {
  const { begin, call, eventsOf, put, settle, sourceOf, stored } = desk

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
      put(id, index, chunks[index] as Buffer, { 'content-digest': digest(chunks[index] as Buffer) }, desk.urls[url])
    const answers = await Promise.all(early.flatMap((index) => [send(index, 0), send(index, 1)]))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]))
    const received = early.reduce((sum, index) => sum + (chunks[index]?.length ?? 0), 0)
    expect((await call('GET', `/v1/assets/${id}`)).body.source).toMatchObject({ receivedBytes: received })
    const half = (await call('GET', `/v1/uploads/${id}`, undefined, desk.urls[1])).body
    const missing: number[] = half.missing.flatMap(([from, to]: number[]) =>
      Array.from({ length: (to ?? 0) - (from ?? 0) + 1 }, (_, step) => (from ?? 0) + step),
    )
    expect(missing).toEqual(order.slice(25).sort((a, b) => a - b))
    expect(await stored(id)).toHaveLength(25)
    const refused = await call('POST', `/v1/uploads/${id}/complete`)
    expect(refused).toMatchObject({ status: 409, body: { code: 'upload_incomplete', missing: half.missing } })

    await Promise.all(order.slice(25).map((index) => send(index, index % 2)))
    const ends = await Promise.all(
      Array.from({ length: 6 }, (_, at) => call('POST', `/v1/uploads/${id}/complete`, undefined, desk.urls[at % 2])),
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
    const answer = await fetch(`${desk.urls[0]}/v1/uploads/${id}/chunks/0`, { method: 'PUT', body, duplex: 'half' })
    expect(answer.status).toBe(204)
    expect((await call('POST', `/v1/uploads/${id}/complete`, {})).status).toBe(202)
    expect((await settle(id)).asset.source_sha256).toBe(sha256(bytes).toString('hex'))
    expect((await sourceOf(id)).equals(bytes)).toBe(true)
  })

  it('that is not what its SHA-256 said fails at once, for good, and leaves nothing', async () => {
    const bytes = randomBytes(2 * chunkBytes)
    const id = await begin(bytes.length, { sha256: sha256(randomBytes(9)).toString('hex') })
    await Promise.all(cut(bytes).map((chunk, index) => put(id, index, chunk)))
    expect((await call('POST', `/v1/uploads/${id}/complete`)).status).toBe(202)
    const { asset, looked } = await settle(id)
    expect(looked).toEqual([])
    expect(asset).toMatchObject({ status: 'failed', error: { code: 'checksum_mismatch', retryable: false } })
    const tasks = await desk.house.db
      .selectFrom('tasks')
      .select(['key', 'attempt'])
      .where('asset_id', '=', id)
      .execute()
    expect(tasks).toEqual([{ key: 'seal', attempt: 1 }])
    await tidyUploads(desk.house)
    expect(await stored(id)).toEqual([])
  })

  it('is sealed again when its first sealing was not written down: the pieces wait for that', async () => {
    const bytes = randomBytes(2 * chunkBytes + 1)
    const id = await begin(bytes.length)
    await Promise.all(cut(bytes).map((chunk, index) => put(id, index, chunk)))
    await call('POST', `/v1/uploads/${id}/complete`)
    const task = await desk.house.db
      .selectFrom('tasks')
      .select('id')
      .where('asset_id', '=', id)
      .executeTakeFirstOrThrow()
    const lost = onlyHandlers({
      seal: async (run) => {
        await handlers.seal(run)
        throw new Error('the machine stopped right here')
      },
    })
    expect(
      await runTask({ house: desk.house, taskId: task.id, handlers: lost, closing: new AbortController().signal }),
    ).toMatchObject({
      end: 'again',
    })
    expect((await stored(id)).length).toBe(4)
    const { asset } = await settle(id)
    expect(asset.source_sha256).toBe(sha256(bytes).toString('hex'))
    expect(await stored(id)).toEqual([asset.source_key])
  })
}
