import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { acceptAsset } from '../core/accept.ts'
import { deleteAsset } from '../core/db/asset-endings.ts'
import { viewAssets } from '../core/db/asset-views.ts'
import { openMedia } from '../core/open-media.ts'
import { assetPrefix } from '../core/storage/keys.ts'
import { isSpooling, type SpoolingStorage } from '../core/storage/spooling.ts'
import { cornersJpeg } from '../fixtures/images.ts'
import { makeClip } from '../fixtures/make.ts'
import { handlers } from '../workers/handlers.ts'
import { runTask } from '../workers/run-task.ts'
import { bringHome, emptySpool } from '../workers/upkeep/spool.ts'
import { atEnd } from './setup/at-end.ts'
import { testBucket } from './setup/bucket.ts'
import { readAsset, type TestHouse, testHouse } from './setup/house.ts'
import { type LyingStore, lyingStore } from './setup/lying-store.ts'
import { tempFolder } from './setup/temp-folder.ts'
import { idOf, type TusSession, tusSession } from './setup/tus.ts'

let store: LyingStore
let house: TestHouse
let storage: SpoolingStorage
let url = ''
let tus: TusSession
let film: Buffer<ArrayBuffer>
const gone = { restMs: 0, idleMs: 24 * 3_600_000 }

beforeAll(async () => {
  const env = await testBucket()
  store = await lyingStore({ endpoint: env['S3_ENDPOINT'] ?? '' })
  house = await testHouse({
    env: {
      ...env,
      S3_ENDPOINT: store.url,
      STORAGE_FALLBACK: 'local',
      FETCH_ALLOW: '127.0.0.1/32',
      PUBLIC_URL: 'http://media.example',
    },
  })
  if (!isSpooling(house.storage)) throw new Error('this house has no spool')
  storage = house.storage
  const app = await buildApp(house)
  atEnd(() => app.close())
  url = await app.listen({ host: '127.0.0.1', port: 0 })
  tus = tusSession(url)
  film = Buffer.from(await readFile(await makeClip({ name: 'tone5s', folder: await tempFolder() })))
})
beforeEach(async () => {
  store.script()
  await store.comeBack()
  await heard(true)
})

/** Everybody has noticed by now. */
const heard = (answers: boolean) => expect.poll(() => storage.homeAnswers(), { timeout: 30_000 }).toBe(answers)
const away = async () => {
  await store.goAway()
  await heard(false)
}
const back = async () => {
  await store.comeBack()
  await heard(true)
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const sendForm = (bytes: Uint8Array<ArrayBuffer>, name: string) => {
  const body = new FormData()
  body.set('file', new File([bytes], name))
  return fetch(`${url}/v1/assets`, { method: 'POST', body })
}
async function accepted(answer: Response): Promise<string> {
  expect(answer.status).toBe(202)
  return ((await answer.json()) as { id: string }).id
}
const spooledSets = async (id: string) =>
  (await house.db.selectFrom('spooled').selectAll().where('id', '=', id).orderBy('folder').execute()).map((row) => [
    row.folder,
    row.home_at === null ? 'spool' : 'home',
  ])
const keysAt = async (place: Pick<SpoolingStorage, 'list'>, id: string) =>
  (await Array.fromAsync(place.list(assetPrefix({ tenant: 'default', id })))).map(({ key }) => key)
const spoolFiles = async (id: string) =>
  (await readdir(house.config.STORAGE_DIR, { recursive: true, withFileTypes: true }))
    .filter((file) => file.isFile() && file.parentPath.includes(id))
    .map(({ name }) => name)

/** Every address that an asset shows, and what its playlists name, each with what it answers. */
async function everything(id: string): Promise<Record<string, string>> {
  const [view] = await viewAssets(house.db, house.storage, [await readAsset(house, id)])
  const shown = JSON.stringify(view).match(/http:\/\/media\.example\/[^" ]+/g) ?? []
  const seen: Record<string, string> = {}
  const toRead = [...new Set(shown)]
  for (const address of toRead) {
    const answer = await fetch(address.replace('http://media.example', url))
    const bytes = Buffer.from(await answer.arrayBuffer())
    seen[address] = `${answer.status} ${answer.headers.get('content-type')} ${sha256(bytes)}`
    if (!address.endsWith('.m3u8')) continue
    for (const [, quoted, line] of bytes.toString().matchAll(/URI="([^"]+)"|^([^#\s].*)$/gm)) {
      const next = new URL(quoted ?? line ?? '', address).href
      if (!toRead.includes(next)) toRead.push(next)
    }
  }
  return seen
}
const statuses = (seen: Record<string, string>) => [...new Set(Object.values(seen).map((one) => one.slice(0, 3)))]

/** All work on an asset but the deletions, which wait for S3. */
async function work(id: string): Promise<void> {
  for (;;) {
    const next = await house.db
      .selectFrom('tasks')
      .select('id')
      .where('asset_id', '=', id)
      .where('status', '=', 'pending')
      .where('key', 'not like', 'purge%')
      .orderBy('queue_priority')
      .orderBy('created_at')
      .executeTakeFirst()
    if (next === undefined) return
    expect(await run(next.id)).toEqual({ end: 'done' })
  }
}

const run = (taskId: string) =>
  runTask({
    house: { ...house, timings: { ...house.timings, leaseMs: 60_000 } },
    taskId,
    handlers,
    closing: new AbortController().signal,
  })

/** The task that brings an asset home, run as a worker would. */
async function bring(id: string): Promise<unknown> {
  const task = await house.db
    .selectFrom('tasks')
    .select('id')
    .where('asset_id', '=', id)
    .where('key', 'like', 'bring%')
    .where('status', '=', 'pending')
    .executeTakeFirstOrThrow()
  return run(task.id)
}

describe('while S3 is away', () => {
  it('a video is taken, made, and shown from the spool; S3 is back, and it goes home byte by byte behind the same addresses', async () => {
    await away()
    const half = Math.floor(film.length / 2)
    const path = await tus.begun({ 'upload-length': String(film.length) })
    const id = idOf(path)
    expect((await tus.patch(path, 0, new Uint8Array(film.subarray(0, half)))).status).toBe(204)
    // An upload that began in the spool ends there, whoever is back meanwhile.
    await back()
    expect((await tus.patch(path, half, new Uint8Array(film.subarray(half)))).status).toBe(204)
    await away()
    await work(id)
    expect((await readAsset(house, id)).status).toBe('ready')
    expect(await spooledSets(id)).toEqual([
      ['g1', 'spool'],
      ['source', 'spool'],
    ])
    const before = await everything(id)
    expect(Object.keys(before).length).toBeGreaterThan(10)
    expect(statuses(before)).toEqual(['200'])
    expect(await bringHome(house)).toBe(0)

    await back()
    expect(await keysAt(storage.home, id)).toEqual([])
    expect(await bringHome(house)).toBe(1)
    expect(await bringHome(house)).toBe(0)
    // The store dies once more in the middle: what came home stays home, nobody is sent there, and the rest follows.
    store.script(({ what, nth }) => (what === 'PutObject' && nth > 3 ? 'reset' : undefined))
    expect(await bring(id)).toMatchObject({ end: 'again' })
    store.script()
    expect((await keysAt(storage.home, id)).length).toBeGreaterThan(0)
    expect((await spooledSets(id)).map(([, place]) => place)).toEqual(['spool', 'spool'])
    expect(await everything(id)).toEqual(before)
    const already = new Set(await keysAt(storage.home, id))
    expect(await bring(id)).toEqual({ end: 'done' })
    const puts = store.asked.filter((one) => one.startsWith('PutObject')).map((one) => one.split(' ')[1])
    expect(puts.filter((key) => already.has(key ?? ''))).toEqual([])

    expect(await spooledSets(id)).toEqual([
      ['g1', 'home'],
      ['source', 'home'],
    ])
    expect(await keysAt(storage.home, id)).toEqual(await keysAt(storage.spool, id))
    expect(await everything(id)).toEqual(before)
    await emptySpool(house, gone)
    expect([await spoolFiles(id), await spooledSets(id)]).toEqual([[], []])
    expect(await everything(id)).toEqual(before)
    const { source_key, source_bytes } = await readAsset(house, id)
    expect(source_bytes).toBe(film.length)
    expect(sha256(Buffer.concat(await (await storage.get(source_key ?? '')).toArray()))).toBe(sha256(film))
  })

  it('a picture in a form, one in chunks and one behind an address are taken too', async () => {
    await away()
    const picture = new Uint8Array(await cornersJpeg({ width: 64, height: 48, orientation: 1 }))
    const origin = createServer((_request, response) => response.end(picture)).listen(0, '127.0.0.1')
    await once(origin, 'listening')
    atEnd(async () => void origin.close())
    const { port } = origin.address() as { port: number }
    const json = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const source = { url: `http://127.0.0.1:${port}/a.jpg` }
    const upload = await fetch(`${url}/v1/uploads`, {
      ...json,
      body: JSON.stringify({ filename: 'a.jpg', bytes: picture.length }),
    })
    const chunked = ((await upload.json()) as { id: string }).id
    expect((await fetch(`${url}/v1/uploads/${chunked}/chunks/0`, { method: 'PUT', body: picture })).status).toBe(204)
    const middle = Math.floor(picture.length / 2)
    const parts: string[] = []
    for (const part of [picture.slice(0, middle), picture.slice(middle)]) {
      const path = await tus.begun({ 'upload-concat': 'partial', 'upload-length': String(part.length) })
      expect((await tus.patch(path, 0, part)).status).toBe(204)
      parts.push(path)
    }
    const joined = await tus.begun({ 'upload-concat': `final;${parts.join(' ')}` })
    const ids = [
      idOf(joined),
      await accepted(await sendForm(picture, 'a.jpg')),
      await accepted(await fetch(`${url}/v1/assets`, { ...json, body: JSON.stringify({ source }) })),
      await accepted(await fetch(`${url}/v1/uploads/${chunked}/complete`, { method: 'POST' })),
    ]
    for (const id of ids) {
      await work(id)
      expect((await readAsset(house, id)).status).toBe('ready')
      expect(statuses(await everything(id))).toEqual(['200'])
    }
    await back()
    const seen = await Promise.all(ids.map(everything))
    expect(await bringHome(house)).toBe(4)
    for (const id of ids) expect(await bring(id)).toEqual({ end: 'done' })
    await emptySpool(house, gone)
    expect(await Promise.all(ids.map(everything))).toEqual(seen)
    for (const id of ids) expect(await spoolFiles(id)).toEqual([])
  })

  it('a generation that began at S3 waits for it, uncounted, and is never mixed', async () => {
    const id = await accepted(
      await sendForm(new Uint8Array(await cornersJpeg({ width: 64, height: 48, orientation: 1 })), 'a.jpg'),
    )
    const next = () =>
      house.db
        .selectFrom('tasks')
        .selectAll()
        .where('asset_id', '=', id)
        .where('status', '=', 'pending')
        .executeTakeFirstOrThrow()
    expect(await run((await next()).id)).toEqual({ end: 'done' })
    await away()
    expect(await run((await next()).id)).toMatchObject({ end: 'again' })
    expect(await next()).toMatchObject({ failures: 0, crashes: 0, error: { code: 'storage_unavailable' } })
    expect([await spooledSets(id), await spoolFiles(id)]).toEqual([[], []])
    await back()
    await work(id)
    expect((await readAsset(house, id)).status).toBe('ready')
    expect([await spooledSets(id), await spoolFiles(id)]).toEqual([[], []])
  })

  it('an address whose bytes S3 did not take to their end is fetched into the spool, before it dies', async () => {
    const bytes = new Uint8Array(await cornersJpeg({ width: 64, height: 48, orientation: 1 }))
    const origin = createServer((_request, response) => response.end(bytes)).listen(0, '127.0.0.1')
    await once(origin, 'listening')
    atEnd(async () => void origin.close())
    const { port } = origin.address() as { port: number }
    const { asset, reminders } = await acceptAsset(house, {
      tenant: 'default',
      source: { type: 'url', url: `http://127.0.0.1:${port}/a.jpg` },
    })
    const taskId = reminders[0]?.taskId ?? ''
    store.script(({ what, key }) => (what === 'PutObject' && key.includes(asset.id) ? 'reset' : undefined))
    expect(await run(taskId)).toMatchObject({ end: 'again' })
    await away()
    expect(await run(taskId)).toEqual({ end: 'done' })
    expect(await spooledSets(asset.id)).toEqual([['source', 'spool']])
  })

  it('what is deleted stays deleted, in both places, whoever is bringing it home', async () => {
    await away()
    const id = await accepted(
      await sendForm(new Uint8Array(await cornersJpeg({ width: 64, height: 48, orientation: 1 })), 'a.jpg'),
    )
    await work(id)
    const addresses = await everything(id)
    await back()
    await bringHome(house)
    // Half of it has come home when the asset is deleted.
    store.script(({ what, nth }) => (what === 'PutObject' && nth > 2 ? { say: 500 } : undefined))
    await bring(id)
    store.script()
    expect((await keysAt(storage.home, id)).length).toBeGreaterThan(0)
    await deleteAsset(house.db, { id, tenant: 'default' })
    for (const address of Object.keys(addresses))
      expect((await fetch(address.replace('http://media.example', url))).status).toBe(404)
    expect(await bringHome(house)).toBe(0)
    const purges = await house.db
      .selectFrom('tasks')
      .select('id')
      .where('asset_id', '=', id)
      .where('key', 'like', 'purge%')
      .execute()
    expect(purges.length).toBe(2)
    await away()
    for (const purge of purges) expect(await run(purge.id)).toMatchObject({ end: 'again' })
    expect(await spoolFiles(id)).toEqual([])
    await back()
    for (const purge of purges) expect(await run(purge.id)).toEqual({ end: 'done' })
    expect([await keysAt(storage.home, id), await spoolFiles(id), await spooledSets(id)]).toEqual([[], [], []])
  })

  it('an asset that is worked on again while it goes home is not flipped under its readers', async () => {
    await away()
    const id = await accepted(
      await sendForm(new Uint8Array(await cornersJpeg({ width: 64, height: 48, orientation: 1 })), 'a.jpg'),
    )
    await work(id)
    await back()
    await bringHome(house)
    await house.db.updateTable('assets').set({ status: 'processing' }).where('id', '=', id).execute()
    expect(await bring(id)).toEqual({ end: 'done' })
    expect((await spooledSets(id)).map(([, place]) => place)).toEqual(['spool', 'spool'])
    await house.db.updateTable('assets').set({ status: 'ready' }).where('id', '=', id).execute()
    await house.db
      .updateTable('spooled')
      .set({ asked_at: new Date(0) })
      .where('id', '=', id)
      .execute()
    expect(await bringHome(house)).toBe(1)
    expect(await bring(id)).toEqual({ end: 'done' })
    expect((await spooledSets(id)).map(([, place]) => place)).toEqual(['home', 'home'])
  })

  it('bytes that come home as others are not believed, and the spooled ones go on being served', async () => {
    await away()
    const id = await accepted(
      await sendForm(new Uint8Array(await cornersJpeg({ width: 64, height: 48, orientation: 1 })), 'a.jpg'),
    )
    await work(id)
    const before = await everything(id)
    await back()
    await bringHome(house)
    store.script(({ what, nth }) =>
      what === 'GetObject' && nth === 2 ? { say: 200, body: randomBytes(50).toString('hex') } : undefined,
    )
    expect(await bring(id)).toMatchObject({ end: 'again' })
    store.script()
    expect((await spooledSets(id)).map(([, place]) => place)).toEqual(['spool', 'spool'])
    expect(await everything(id)).toEqual(before)
    expect(await bring(id)).toEqual({ end: 'done' })
    expect(await everything(id)).toEqual(before)
  })
})

it('an object that others put into our bucket, whatever its key, is read from there', async () => {
  const key = 'films/summer/2026/a.jpg'
  await storage.home.put(key, film, { contentType: 'image/jpeg', cacheControl: 'no-cache' })
  expect(await storage.head(key)).toMatchObject({ key, bytes: film.length })
})

describe('the folder of the spool', () => {
  it('is one for all processes: another is refused at the start, with the name of the setting', async () => {
    const env = await testBucket()
    const first = await testHouse({ env: { ...env, STORAGE_FALLBACK: 'local' } })
    const other = await tempFolder()
    const open = (STORAGE_DIR: string) => openMedia({ ...first, config: { ...first.config, STORAGE_DIR } })
    await expect(open(other)).rejects.toThrow(/STORAGE_DIR: .*STORAGE_FALLBACK=local/)
    const same = await open(first.config.STORAGE_DIR)
    expect(isSpooling(same)).toBe(true)
    await same.close()
  })

  it('goes on being served and brought home after the setting is taken back, and takes no more', async () => {
    const env = await testBucket()
    const first = await testHouse({ env: { ...env, STORAGE_FALLBACK: 'local' } })
    const open = () => openMedia({ ...first, config: { ...first.config, STORAGE_FALLBACK: 'none' } })
    expect(isSpooling(await open())).toBe(false)
    await first.db
      .insertInto('spooled')
      .values({ id: '00000000-0000-7000-8000-000000000000', tenant: 't', folder: 'g1' })
      .execute()
    const draining = await open()
    expect(isSpooling(draining)).toBe(true)
    await draining.close()
  })
})
