import { createHash, randomBytes } from 'node:crypto'
import { type ClientRequest, request as httpRequest } from 'node:http'
import pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../core/db/embedded/wait-until.ts'
import { atEnd } from './setup/at-end.ts'
import { landed } from './setup/landed.ts'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'
import { bytesType, idOf, tusSession } from './setup/tus.ts'

let house: LiveHouse
let other: string
let db: pg.Client
const data = randomBytes(4 * 2 ** 20)
const sha256 = createHash('sha256').update(data).digest('hex')

beforeAll(async () => {
  house = await liveHouse()
  other = (await house.anotherApi()).url
  db = new pg.Client({ connectionString: house.databaseUrl })
  await db.connect()
  atEnd(() => db.end())
})

/** A PATCH that stays open until more of it is written; its answer may never come. */
function slowPatch(url: string, path: string, offset = 0) {
  const headers = {
    'tus-resumable': '1.0.0',
    'content-type': bytesType,
    'upload-offset': offset,
    'content-length': data.length - offset,
  }
  const request: ClientRequest = httpRequest(new URL(path, url), { method: 'PATCH', headers })
  const answered = new Promise<number | undefined>((resolve) => {
    request.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    request.on('error', () => resolve(undefined))
    request.on('close', () => resolve(undefined))
  })
  return { request, answered }
}

const received = async (path: string) =>
  Number((await db.query('SELECT received FROM uploads WHERE id = $1', [idOf(path)])).rows[0].received)
const begin = () => tusSession(house.url).begun({ 'upload-length': String(data.length) })
const uploadedOnce = {
  status: 'queued',
  bytes: data.length,
  sha256,
  assets: 1,
  events: ['asset.created', 'asset.uploaded'],
}

describe('two processes on one upload', () => {
  it('one wins: a request that fell silent lets go, and what it sends later changes nothing', async () => {
    const path = await begin()
    const half = data.length / 2
    const stalled = slowPatch(house.url, path)
    stalled.request.write(data.subarray(0, half))
    await waitUntil({
      what: 'some of it safe',
      timeoutMs: 30_000,
      ask: async () => (await received(path)) > 0 || undefined,
    })
    const offset = Number((await tusSession(other).head(path)).headers.get('upload-offset'))
    expect(offset).toBeLessThanOrEqual(half)
    expect(offset).toBeGreaterThan(0)
    const rest = await tusSession(other).patch(path, offset, new Uint8Array(data.subarray(offset)))
    expect(rest.status).toBe(204)
    const before = await landed(house, idOf(path))
    expect(before).toMatchObject(uploadedOnce)
    stalled.request.end(randomBytes(data.length - half))
    expect(await stalled.answered).not.toBe(204)
    expect(await landed(house, idOf(path))).toEqual(before)
  })

  it('of ten that race to write the same bytes, all end, and the bytes are there once', async () => {
    const path = await begin()
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => tusSession(n % 2 ? house.url : other).patch(path, 0, new Uint8Array(data))),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status >= 500)).toEqual([])
    let offset = Number((await tusSession(other).head(path)).headers.get('upload-offset'))
    if (offset < data.length) await tusSession(other).patch(path, offset, new Uint8Array(data.subarray(offset)))
    offset = Number((await tusSession(house.url).head(path)).headers.get('upload-offset'))
    expect(offset).toBe(data.length)
    expect(await landed(house, idOf(path))).toMatchObject(uploadedOnce)
  })

  it('a request is stopped by a DELETE elsewhere, and the asset is cancelled', async () => {
    const path = await begin()
    const open = slowPatch(house.url, path)
    open.request.write(data.subarray(0, 2 ** 20))
    await waitUntil({
      what: 'some of it safe',
      timeoutMs: 30_000,
      ask: async () => (await received(path)) > 0 || undefined,
    })
    expect((await tusSession(other).remove(path)).status).toBe(204)
    expect((await tusSession(house.url).head(path)).status).toBe(410)
    open.request.destroy()
    const { rows } = await db.query('SELECT status FROM assets WHERE id = $1', [idOf(path)])
    expect(rows[0].status).toBe('cancelled')
  })
})

describe('a process that is killed', () => {
  it('in the middle of a PATCH has kept no more than came, and another goes on at once', async () => {
    const victim = await house.anotherApi()
    const path = await begin()
    const open = slowPatch(victim.url, path)
    const sent = 3 * 2 ** 20
    open.request.write(data.subarray(0, sent))
    await waitUntil({
      what: 'some of it safe',
      timeoutMs: 30_000,
      ask: async () => (await received(path)) > 0 || undefined,
    })
    victim.api.kill('SIGKILL')
    await victim.api.ended
    const offset = Number((await tusSession(house.url).head(path)).headers.get('upload-offset'))
    expect(offset).toBeGreaterThan(0)
    expect(offset).toBeLessThanOrEqual(sent)
    expect((await tusSession(other).patch(path, offset, new Uint8Array(data.subarray(offset)))).status).toBe(204)
    expect(await landed(house, idOf(path))).toMatchObject(uploadedOnce)
  })

  it('between the last byte and the end of the upload is followed by whoever asks next', async () => {
    const victim = await house.anotherApi()
    const path = await begin()
    // Nobody can write an event, so nobody can finish.
    await db.query('BEGIN')
    await db.query('LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE')
    const open = slowPatch(victim.url, path)
    open.request.end(data)
    const asking = new pg.Client({ connectionString: house.databaseUrl })
    await asking.connect()
    await waitUntil({
      what: 'the end of the upload waiting',
      timeoutMs: 30_000,
      ask: async () =>
        (await asking.query(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass`)).rowCount ||
        undefined,
    })
    await asking.end()
    victim.api.kill('SIGKILL')
    await victim.api.ended
    await db.query('ROLLBACK')
    expect(await open.answered).toBeUndefined()
    const { rows } = await db.query('SELECT status FROM uploads WHERE id = $1', [idOf(path)])
    expect(rows[0].status).toBe('open')
    expect((await tusSession(house.url).head(path)).headers.get('upload-offset')).toBe(String(data.length))
    expect(await landed(house, idOf(path))).toMatchObject(uploadedOnce)
  })

  it('that is asked to end keeps what came, and says so', async () => {
    const leaving = await house.anotherApi()
    const path = await begin()
    const open = slowPatch(leaving.url, path)
    open.request.write(data.subarray(0, 2 ** 20))
    await waitUntil({
      what: 'some of it safe',
      timeoutMs: 30_000,
      ask: async () => (await received(path)) > 0 || undefined,
    })
    leaving.api.kill('SIGTERM')
    expect(await open.answered).toBe(503)
    expect(await leaving.api.ended).toBe(0)
    expect((await tusSession(other).head(path)).headers.get('upload-offset')).toBe(String(2 ** 20))
  })
})
