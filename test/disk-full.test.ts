import { randomBytes } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { acceptAsset } from '../core/accept.ts'
import { waitUntil } from '../core/db/embedded/wait-until.ts'
import { newId } from '../core/ids.ts'
import { sourceKey } from '../core/storage/keys.ts'
import { cornersJpeg } from '../fixtures/images.ts'
import { handlers } from '../workers/handlers.ts'
import { runTask } from '../workers/run-task.ts'
import { atEnd } from './setup/at-end.ts'
import { readAsset, readTask, type TestHouse, testHouse } from './setup/house.ts'
import { canMount, type SmallDisk, smallDisk } from './setup/small-disk.ts'
import { idOf, problemOf, type TusSession, tusSession } from './setup/tus.ts'

const MiB = 2 ** 20
const full = { status: 507, code: 'no_space' }

type Disk = { disk: SmallDisk; house: TestHouse; tus: TusSession; url: string }

async function houseOn(size: { bytes: number; files?: number }, DISK_FLOOR: string): Promise<Disk> {
  const disk = await smallDisk(size)
  const house = await testHouse({ env: { STORAGE_DIR: path.join(disk.dir, 'media'), DISK_FLOOR } })
  const app = await buildApp(house)
  atEnd(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { disk, house, tus: tusSession(url), url }
}

const offsetOf = async ({ tus }: Disk, upload: string) => Number((await tus.head(upload)).headers.get('upload-offset'))

const form = (bytes: Uint8Array<ArrayBuffer>) => {
  const body = new FormData()
  body.set('file', new File([bytes], 'a.mp4'))
  return { method: 'POST', body }
}

async function filesBelow(dir: string): Promise<string[]> {
  const all = await readdir(dir, { recursive: true, withFileTypes: true })
  return all.filter((file) => file.isFile() && file.name !== 'filler').map(({ name }) => name)
}

/** Of uploads that are under way. */
async function bytesGrowing(dir: string): Promise<number> {
  const all = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = all.filter((file) => file.isFile() && /^[0-9a-f]{32}$/.test(file.name))
  const sizes = await Promise.all(files.map(async (file) => (await stat(path.join(file.parentPath, file.name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function bytesOf({ house }: Disk, id: string): Promise<Buffer> {
  const { source_key } = await readAsset(house, id)
  return Buffer.concat(await (await house.storage.get(source_key ?? '')).toArray())
}

/** Where none can be mounted there is none to be filled, and the last test says so in its name. */
const disks = canMount ? ['a disk'] : []

describe.each(disks)('%s that gets low', () => {
  let low: Disk
  beforeAll(async () => {
    low = await houseOn({ bytes: 16 * MiB }, '8MiB')
  })

  it('takes no new upload, by whichever way, and takes them again when there is room', async () => {
    const { disk, tus, url } = low
    const giveBack = disk.fill(10 * MiB)
    expect(await problemOf(await tus.create({ 'upload-length': '5' }))).toMatchObject(full)
    const chunked = () =>
      fetch(`${url}/v1/uploads`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ filename: 'a.mp4', bytes: 300_000 }),
      })
    expect(await problemOf(await chunked())).toMatchObject(full)
    const refused = await fetch(`${url}/v1/assets`, form(new Uint8Array(100)))
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await problemOf(refused)).toMatchObject(full)
    expect((await fetch(`${url}/v1/assets`)).status).toBe(200)
    const health = await fetch(`${url}/health`)
    expect([health.status, await health.json()]).toMatchObject([503, { components: { disk: { status: 'down' } } }])
    giveBack()
    expect((await tus.create({ 'upload-length': '5' })).status).toBe(201)
    expect((await chunked()).status).toBe(201)
  })

  it('stops an upload that is under way before the disk is full, keeps its offset, and goes on when there is room', async () => {
    const { disk, tus } = low
    const bytes = randomBytes(3 * MiB)
    const upload = await tus.begun({ 'upload-length': String(bytes.length) })
    let giveBack: (() => void) | undefined
    let sent = 0
    const written = () =>
      waitUntil({
        what: 'the first bytes on the disk',
        timeoutMs: 30_000,
        ask: async () => (await bytesGrowing(disk.dir)) > 0 || undefined,
      })
    // The disk gets low once some of the first half lies on it; the rest trickles for as long as it is taken.
    const body = new ReadableStream({
      async pull(controller) {
        if (sent >= bytes.length / 2 && giveBack === undefined) {
          await written()
          giveBack = disk.fill(10 * MiB)
        }
        await new Promise((done) => setTimeout(done, giveBack ? 20 : 0))
        controller.enqueue(new Uint8Array(bytes.subarray(sent, sent + 16_384)))
        sent += 16_384
        if (sent >= bytes.length) controller.close()
      },
    })
    expect(await problemOf(await tus.patch(upload, 0, body))).toMatchObject(full)
    const kept = await offsetOf(low, upload)
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(bytes.length)
    expect(await problemOf(await tus.patch(upload, kept, new Uint8Array(bytes.subarray(kept))))).toMatchObject(full)
    expect(await offsetOf(low, upload)).toBe(kept)
    giveBack?.()
    expect((await tus.patch(upload, kept, new Uint8Array(bytes.subarray(kept)))).status).toBe(204)
    expect((await bytesOf(low, idOf(upload))).equals(bytes)).toBe(true)
  })

  it('lets tasks wait, uncounted, and finish once there is room', async () => {
    const { disk, house } = low
    const id = newId()
    const key = sourceKey({ tenant: 'default', id }, 'a.jpg')
    const { bytes, sha256 } = await house.storage.put(
      key,
      await cornersJpeg({ width: 64, height: 48, orientation: 1 }),
      {
        contentType: 'image/jpeg',
        cacheControl: 'no-store',
      },
    )
    const source = { type: 'upload' as const, filename: 'a.jpg', key, bytes, sha256 }
    const { reminders } = await acceptAsset(house, { id, tenant: 'default', source })
    const taskId = reminders[0]?.taskId ?? ''
    const run = () => runTask({ house, taskId, handlers, closing: new AbortController().signal })
    const giveBack = disk.fill(10 * MiB)
    expect(await run()).toMatchObject({ end: 'again' })
    expect(await readTask(house, taskId)).toMatchObject({ status: 'pending', failures: 0, error: { code: 'no_space' } })
    giveBack()
    const second = await run()
    expect([second, (await readTask(house, taskId)).error]).toEqual([{ end: 'done' }, null])
    expect((await readAsset(house, id)).status).toBe('processing')
  })
})

describe.each(disks)('%s that is really full', () => {
  it('says so, keeps what fitted, and the upload goes on from there', async () => {
    const on = await houseOn({ bytes: 16 * MiB }, 'off')
    const giveBack = on.disk.fill(8 * MiB)
    const bytes = randomBytes(12 * MiB)
    const upload = await on.tus.begun({ 'upload-length': String(bytes.length) })
    expect(await problemOf(await on.tus.patch(upload, 0, new Uint8Array(bytes)))).toMatchObject(full)
    const kept = await offsetOf(on, upload)
    expect(kept).toBeGreaterThan(0)
    giveBack()
    expect((await on.tus.patch(upload, kept, new Uint8Array(bytes.subarray(kept)))).status).toBe(204)
    expect((await bytesOf(on, idOf(upload))).equals(bytes)).toBe(true)
  })

  it('leaves nothing of a form that did not fit', async () => {
    const on = await houseOn({ bytes: 4 * MiB }, 'off')
    expect(await problemOf(await fetch(`${on.url}/v1/assets`, form(new Uint8Array(6 * MiB))))).toMatchObject(full)
    expect(await filesBelow(on.disk.dir)).toEqual([])
    expect(await on.house.db.selectFrom('assets').select('id').execute()).toEqual([])
    expect((await fetch(`${on.url}/v1/assets`, form(new Uint8Array(MiB)))).status).toBe(202)
  })

  it.each(['off', '2%'])(
    'of names, with room for bytes, is full as well, and keeps no empty file (floor %s)',
    async (floor) => {
      const on = await houseOn({ bytes: 16 * MiB, files: 60 }, floor)
      const upload = await on.tus.begun({ 'upload-length': '5' })
      const giveBack = await on.disk.fillNames()
      expect(await problemOf(await fetch(`${on.url}/v1/assets`, form(new Uint8Array(100))))).toMatchObject(full)
      expect(await problemOf(await on.tus.patch(upload, 0, new Uint8Array(5)))).toMatchObject(full)
      giveBack()
      const stored: number[] = []
      for await (const { bytes } of on.house.storage.list('')) stored.push(bytes)
      expect(stored).toEqual([])
      expect(await offsetOf(on, upload)).toBe(0)
      expect((await on.tus.patch(upload, 0, new Uint8Array(5))).status).toBe(204)
    },
  )
})

it(canMount ? 'disks were there to be filled' : 'no disk can be mounted here: none was filled', () => {
  expect(disks).toHaveLength(canMount ? 1 : 0)
})
