import { randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { buildApp } from '../api/app.ts'
import { usualLimits } from '../api/server-limits.ts'
import { addPiece } from '../core/db/upload-pieces.ts'
import { createUploadToken } from '../core/db/upload-tokens.ts'
import { endUpload } from '../core/db/uploads.ts'
import { SluiceError } from '../core/errors.ts'
import type { Storage } from '../core/storage/storage.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'

const chunkBytes = 256 * 1024
let house: TestHouse

beforeAll(async () => {
  house = await testHouse({ env: { AUTH: 'keys', DIRECT_UPLOADS: 'on' } })
})

/** The API on a storage that may be told to fail. */
async function serve(storage: Partial<Storage> = {}, limits = usualLimits): Promise<string> {
  const app = await buildApp({ ...house, storage: { ...house.storage, ...storage } }, { limits })
  atEnd(() => app.close())
  return app.listen({ host: '127.0.0.1', port: 0 })
}
/** A browser that may upload one file. */
async function browser(maxBytes = 10 * chunkBytes) {
  const { token } = await createUploadToken(house.db, { tenant: 'acme', expiresIn: 600, maxBytes })
  return { authorization: `Bearer ${token}` }
}
async function call(url: string, method: string, headers: Record<string, string>, body?: unknown) {
  const json = { 'content-type': 'application/json', ...headers }
  const sent = body === undefined ? { headers } : { headers: json, body: JSON.stringify(body) }
  const answer = await fetch(url, { method, ...sent })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
}
const begin = (url: string, headers: Record<string, string>, more = {}) =>
  call(`${url}/v1/uploads`, 'POST', headers, { filename: 'a.mp4', bytes: 2 * chunkBytes, chunkBytes, ...more })
const put = (url: string, headers: Record<string, string>) =>
  fetch(url, { method: 'PUT', headers, body: new Uint8Array(randomBytes(chunkBytes)) })
async function stored(id: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of house.storage.list(`acme/${id}`)) keys.push(key)
  return keys
}
const pieces = (id: string) => house.db.selectFrom('upload_pieces').selectAll().where('upload_id', '=', id).execute()

describe('a chunk that cannot be kept', () => {
  it.each([
    ['a disk that is full', 'no_space', 507],
    ['a store that is away', 'storage_unavailable', 503],
  ] as const)(
    'because of %s is answered with its code, counts nowhere, and is taken later',
    async (_what, code, status) => {
      let broken = true
      const url = await serve({
        put: async (key, body, options) => {
          if (!broken) return house.storage.put(key, body, options)
          if (!Buffer.isBuffer(body)) for await (const _chunk of body) break
          throw new SluiceError(code, { message: 'injected' })
        },
      })
      const mine = await browser()
      const { id } = (await begin(url, mine)).body
      const answer = await put(`${url}/v1/uploads/${id}/chunks/1`, mine)
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code])
      if (status === 503) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      expect([await pieces(id), await stored(id)]).toEqual([[], []])
      broken = false
      expect((await put(`${url}/v1/uploads/${id}/chunks/1`, mine)).status).toBe(204)
    },
  )

  it('because its upload ends in the same moment is no piece of it', async () => {
    const url = await serve()
    const { id } = (await begin(url, await browser())).body
    let adding: Promise<string> | undefined
    await house.db.transaction().execute(async (trx) => {
      await endUpload(trx, { id, status: 'gone' })
      const piece = { upload_id: id, number: 0, key: 'k', bytes: chunkBytes, etag: '"x"' }
      adding = addPiece(house.db, piece, { ttlSeconds: 60 })
      await vi.waitFor(async () => {
        const waiting = await sql`
          SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(
          house.db,
        )
        expect(waiting.rows.length).toBeGreaterThan(0)
      })
    })
    expect(await adding).toBe('ended')
    expect(await pieces(id)).toEqual([])
  })

  it('because its sender all but stops is cut off, and leaves nothing', async () => {
    const url = await serve({}, { ...usualLimits, body: { windowMs: 100, minBytes: 1_000 } })
    const mine = await browser()
    const { id } = (await begin(url, mine)).body
    const sending = httpRequest(`${url}/v1/uploads/${id}/chunks/0`, {
      method: 'PUT',
      headers: { ...mine, 'content-length': chunkBytes },
    })
    const answered = new Promise<number | undefined>((resolve) => {
      sending.on('response', (response) => resolve(response.statusCode))
      sending.on('error', () => resolve(undefined))
    })
    sending.write(Buffer.alloc(10_000))
    expect([408, undefined]).toContain(await answered)
    sending.destroy()
    await vi.waitFor(async () => expect([await pieces(id), await stored(id)]).toEqual([[], []]))
  })
})

describe('the holder of an upload token', () => {
  it('uploads one file in chunks, within its terms, and reaches no other', async () => {
    const url = await serve()
    const [mine, theirs] = [await browser(), await browser()]
    expect(await begin(url, mine, { bytes: 11 * chunkBytes })).toMatchObject({
      status: 413,
      body: { code: 'too_large' },
    })
    expect(await begin(url, mine, { externalId: 'x' })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    })
    const { id } = (await begin(url, mine)).body
    expect(await begin(url, mine)).toMatchObject({ status: 403, body: { code: 'upload_token_used' } })
    for (const [method, path, body] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/complete', {}],
      ['PUT', '/chunks/0'],
    ] as const)
      expect(await call(`${url}/v1/uploads/${id}${path}`, method, theirs, body)).toMatchObject({ status: 404 })
    for (const index of [0, 1]) expect((await put(`${url}/v1/uploads/${id}/chunks/${index}`, mine)).status).toBe(204)
    expect(await call(`${url}/v1/uploads/${id}/complete`, 'POST', mine, {})).toMatchObject({
      status: 202,
      body: { id },
    })
  })

  it('who uploads directly is held to sizes, whether it names them or not', async () => {
    const url = await serve()
    const mine = await browser()
    const wish = { filename: 'a.mp4', bytes: 1_000, strategy: 'direct' }
    const { id } = (await call(`${url}/v1/uploads`, 'POST', mine, wish)).body
    const ask = (partNumber: number) =>
      call(`${url}/v1/uploads/${id}/parts`, 'POST', mine, { partNumbers: [partNumber] })
    expect(await ask(1)).toMatchObject({ status: 200, body: { data: [{ bytes: 1_000 }] } })
    expect((await ask(2)).status).toBe(400)
  })
})
