import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { buildApp } from '../api/app.ts'
import { usualLimits } from '../api/server-limits.ts'
import { waitUntil } from '../core/db/embedded/wait-until.ts'
import { SluiceError } from '../core/errors.ts'
import type { Growing } from '../core/storage/growing.ts'
import { privateObject, sourceKey } from '../core/storage/keys.ts'
import { atEnd } from './setup/at-end.ts'
import { readAsset, type TestHouse, testHouse } from './setup/house.ts'
import { bytesType, idOf, metadata, problemOf, type TusSession, tusSession } from './setup/tus.ts'
import { waitingForLocks } from './setup/waiting-for-locks.ts'

let house: TestHouse
let tus: TusSession
let url = ''
/** What storage does next in place of what it should. */
const trouble: Partial<Growing> = {}
const bytes = (text: string) => new Uint8Array(Buffer.from(text))

beforeAll(async () => {
  house = await testHouse()
  const { growing } = house.storage
  const troubled: Growing = {
    begin: (...args) => (trouble.begin ?? growing.begin)(...args),
    append: (...args) => (trouble.append ?? growing.append)(...args),
    seal: (...args) => (trouble.seal ?? growing.seal)(...args),
    discard: (...args) => (trouble.discard ?? growing.discard)(...args),
  }
  const limits = { ...usualLimits, body: { windowMs: 300, minBytes: 1 } }
  const app = await buildApp({ ...house, storage: { ...house.storage, growing: troubled } }, { limits })
  atEnd(() => app.close())
  url = await app.listen({ host: '127.0.0.1', port: 0 })
  tus = tusSession(url)
})

const offsetOf = async (path: string) => Number((await tus.head(path)).headers.get('upload-offset'))
const away = () => new SluiceError('storage_unavailable', { message: 'away', retryAfterMs: 5_000 })

describe('storage', () => {
  it('that is full is 507, and what fitted counts', async () => {
    const path = await tus.begun({ 'upload-length': '5' })
    trouble.append = async (growth, body, options) => {
      const grown = await house.storage.growing.append(growth, body, { ...options, maxBytes: 3 })
      return { ...grown, failure: new SluiceError('no_space', { message: 'ENOSPC' }) }
    }
    expect(await problemOf(await tus.patch(path, 0, bytes('hello')))).toMatchObject({ status: 507, code: 'no_space' })
    delete trouble.append
    expect(await offsetOf(path)).toBe(3)
    expect((await tus.patch(path, 3, bytes('lo'))).status).toBe(204)
    expect((await readAsset(house, idOf(path))).status).toBe('queued')
  })

  it('that is away is 503 with a time to come back, and the offset is kept', async () => {
    const path = await tus.begun({ 'upload-length': '5' })
    await tus.patch(path, 0, bytes('he'))
    trouble.append = async (growth) => ({ growth, failure: away() })
    const answer = await tus.patch(path, 2, bytes('llo'))
    delete trouble.append
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(await problemOf(answer)).toMatchObject({ status: 503, code: 'storage_unavailable' })
    expect(await offsetOf(path)).toBe(2)
  })

  it('that is away in the very end lets the upload be finished by whoever asks next', async () => {
    const path = await tus.begun({ 'upload-length': '5' })
    trouble.seal = () => Promise.reject(away())
    expect((await tus.patch(path, 0, bytes('hello'))).status).toBe(503)
    expect((await tus.head(path)).status).toBe(503)
    expect((await readAsset(house, idOf(path))).status).toBe('waiting')
    delete trouble.seal
    expect(await offsetOf(path)).toBe(5)
    const events = await house.db.selectFrom('events').select('type').where('asset_id', '=', idOf(path)).execute()
    expect(events.map(({ type }) => type)).toEqual(['asset.created', 'asset.uploaded'])
  })
})

const rowOf = (path: string) =>
  house.db.selectFrom('uploads').selectAll().where('id', '=', idOf(path)).executeTakeFirstOrThrow()

async function storedText(path: string): Promise<string> {
  const stored = await house.storage.get((await readAsset(house, idOf(path))).source_key ?? '')
  return Buffer.concat(await stored.toArray()).toString()
}

describe('several that write', () => {
  it('do so one after the other: the second begins when the first has let go', async () => {
    const path = await tus.begun({ 'upload-length': '10' })
    const asked = Promise.withResolvers<void>()
    let [writing, most] = [0, 0]
    trouble.append = async (growth, body, options) => {
      writing += 1
      most = Math.max(most, writing)
      const { signal, ...rest } = options ?? {}
      signal?.addEventListener('abort', () => asked.resolve())
      await asked.promise
      const grown = await house.storage.growing.append(growth, body, rest)
      writing -= 1
      return grown
    }
    const first = tus.patch(path, 0, bytes('hello'))
    await waitUntil({ what: 'the first to write', timeoutMs: 30_000, ask: () => writing === 1 || undefined })
    const second = tus.patch(path, 0, bytes('HELLO'))
    // Where nobody asks the first to let go, the second comes in beside it.
    await Promise.race([asked.promise, waitUntil({ what: 'two', timeoutMs: 30_000, ask: () => most > 1 || undefined })])
    asked.resolve()
    expect([(await first).status, (await second).status, most]).toEqual([204, 409, 1])
    delete trouble.append
    expect((await tus.patch(path, 5, bytes('world'))).status).toBe(204)
    expect(await storedText(path)).toBe('helloworld')
  })

  it('a writer that lost its lock and wakes up late changes nothing', async () => {
    const path = await tus.begun({ 'upload-length': '10' })
    await tus.patch(path, 0, bytes('he'))
    const asleep = Promise.withResolvers<void>()
    const wake = Promise.withResolvers<void>()
    onTestFinished(() => wake.resolve())
    trouble.append = async (growth, body, options) => {
      delete trouble.append
      asleep.resolve()
      await wake.promise
      // It slept while it was told to stop.
      const { signal: _unheard, ...rest } = options ?? {}
      return house.storage.growing.append(growth, body, rest)
    }
    const late = tus.patch(path, 2, bytes('XXX'))
    await asleep.promise
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'test locks'`.execute(house.db)
    // The session ends a moment later, and a request that meets it ending is told to come again.
    await vi.waitFor(async () => expect((await tus.patch(path, 2, bytes('llo'))).status).toBe(204))
    wake.resolve()
    expect(await problemOf(await late)).toMatchObject({ status: 423, code: 'upload_locked' })
    expect((await tus.patch(path, 5, bytes('world'))).status).toBe(204)
    expect(await storedText(path)).toBe('helloworld')
  })

  it('a request that lost its lock before its first byte does not write at an offset that is over', async () => {
    const path = await tus.begun({ 'upload-length': '5' })
    const { id, tenant } = await rowOf(path)
    const begun = await house.storage.growing.begin(sourceKey({ id, tenant }, undefined), privateObject)
    const { growth } = await house.storage.growing.append(begun, Readable.from([Buffer.from('he')]))
    const late = await house.db.transaction().execute(async (trx) => {
      await trx.selectFrom('uploads').select('id').where('id', '=', id).forUpdate().execute()
      const answer = tus.patch(path, 0, bytes('XXX'))
      // It has looked, and now wants to write.
      await waitingForLocks(house.db, { many: 1, like: 'update "uploads"%' })
      await trx
        .updateTable('uploads')
        .set({ received: 2, growth: JSON.stringify(growth) })
        .where('id', '=', id)
        .execute()
      return { answer }
    })
    expect(await problemOf(await late.answer)).toMatchObject({ status: 409, code: 'offset_mismatch' })
    expect((await tus.patch(path, 2, bytes('llo'))).status).toBe(204)
    expect(await storedText(path)).toBe('hello')
  })

  it('of a body with a checksum nothing counts before its end', async () => {
    const path = await tus.begun({ 'upload-length': '5' })
    let inTheMiddle = -1
    trouble.append = async (growth, body, options) => {
      const grown = await house.storage.growing.append(growth, body, options)
      await options?.onSafe?.({ ...grown.growth, bytes: 3 })
      inTheMiddle = (await rowOf(path)).received
      return grown
    }
    const right = `sha1 ${createHash('sha1').update('hello').digest('base64')}`
    expect((await tus.patch(path, 0, bytes('hello'), { 'upload-checksum': right })).status).toBe(204)
    delete trouble.append
    expect(inTheMiddle).toBe(0)
  })

  it('a hash is of all bytes: what another process took is not left out of it', async () => {
    const app = await buildApp(house)
    atEnd(() => app.close())
    const other = tusSession(await app.listen({ host: '127.0.0.1', port: 0 }))
    const path = await tus.begun({ 'upload-length': '5' })
    await tus.patch(path, 0, bytes('he'))
    await other.patch(path, 2, bytes('l'))
    expect((await tus.patch(path, 3, bytes('lo'))).status).toBe(204)
    expect((await readAsset(house, idOf(path))).source_sha256).toBeNull()
    expect(await storedText(path)).toBe('hello')
  })
})

/** Sends so much, announces more, and then does nothing, or breaks off. */
function send(
  method: string,
  path: string,
  { headers, text, length }: { headers: Record<string, string | number>; text: string; length: number },
) {
  const { port } = new URL(url)
  const all = { 'tus-resumable': '1.0.0', 'content-type': bytesType, 'content-length': length, ...headers }
  const request = httpRequest({ host: '127.0.0.1', port, path, method, headers: all, agent: false })
  const status = new Promise<number | undefined>((resolve) => {
    request.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    request.on('error', () => resolve(undefined))
  })
  request.write(text)
  return { request, status }
}

describe('a client', () => {
  it('that falls silent is cut off; what it sent counts, and it holds nothing', async () => {
    const path = await tus.begun({ 'upload-length': '5' })
    const silent = send('PATCH', path, { headers: { 'upload-offset': 0 }, text: 'hel', length: 5 })
    expect(await silent.status).toBe(408)
    await waitUntil({
      what: 'what came to be written down',
      timeoutMs: 30_000,
      ask: async () => (await readAsset(house, idOf(path))).source_received === 3 || undefined,
    })
    expect(await offsetOf(path)).toBe(3)
    expect((await tus.patch(path, 3, bytes('lo'))).status).toBe(204)
  })

  it('that breaks off while it creates leaves nothing that it could not find again', async () => {
    const newest = () =>
      house.db.selectFrom('assets').select('id').orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()
    const breakOff = async (headers: Record<string, string>) => {
      const heard = Promise.withResolvers<void>()
      trouble.append = (growth, body, options) => {
        const grown = house.storage.growing.append(growth, body, options)
        body.once('data', () => heard.resolve())
        return grown
      }
      const { request } = send('POST', '/v1/tus', {
        headers: { 'upload-length': '5', ...headers },
        text: 'hel',
        length: 5,
      })
      await heard.promise
      request.destroy()
      delete trouble.append
      return (await newest()).id
    }
    const lost = await breakOff({})
    await waitUntil({
      what: 'it to be given up',
      timeoutMs: 30_000,
      ask: async () => (await readAsset(house, lost)).status === 'cancelled' || undefined,
    })
    const words = { 'upload-metadata': metadata({ externalId: 'kept' }) }
    const kept = await breakOff(words)
    await waitUntil({
      what: 'what came to be written down',
      timeoutMs: 30_000,
      ask: async () => (await readAsset(house, kept)).source_received === 3 || undefined,
    })
    const again = await tus.create({ 'upload-length': '5', ...words }, bytes('hello'))
    expect([idOf(again.headers.get('location') ?? ''), again.headers.get('upload-offset')]).toEqual([kept, '3'])
  })
})
