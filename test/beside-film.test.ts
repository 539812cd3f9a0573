import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { beforeAll, expect, it, vi } from 'vitest'
import { acceptAsset } from '../core/accept.ts'
import { newId } from '../core/ids.ts'
import { privateObject } from '../core/storage/keys.ts'
import { hugePng } from '../fixtures/images.ts'
import { listenToQueues } from '../workers/consume.ts'
import { courtesy } from '../workers/courtesy.ts'
import { atEnd } from './setup/at-end.ts'
import { readAsset, type TestHouse, testHouse } from './setup/house.ts'
import { tempFolder } from './setup/temp-folder.ts'

let house: TestHouse
let [held, letGo] = [0, 0]
beforeAll(async () => {
  const real = courtesy()
  house = {
    ...(await testHouse()),
    courtesy: {
      ...real,
      long: (asset, child) =>
        real.long(asset, {
          pause() {
            held++
            child.pause()
          },
          resume() {
            letGo++
            child.resume()
          },
        }),
    },
  }
  const listening = listenToQueues({ house, queue: house.queue, concurrency: { video: 1 } })
  atEnd(() => listening.close())
})

/** A video of so many seconds, uploaded. */
async function uploadVideo(seconds: number, size: string): Promise<string> {
  const file = `${await tempFolder()}/video.mp4`
  const source = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25:d=${seconds}`, '-f', 'lavfi', '-i', `sine=d=${seconds}`]
  const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']
  await promisify(execFile)(house.tools.ffmpeg, ['-nostdin', '-v', 'error', ...source, ...coding, file])
  return upload('video.mp4', await readFile(file))
}

async function upload(name: string, bytes: Buffer): Promise<string> {
  const id = newId()
  const key = `default/${id}/source/${name}`
  await house.storage.put(key, bytes, privateObject)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const source_ = { type: 'upload' as const, key, bytes: bytes.length, sha256 }
  const { reminders } = await acceptAsset(house, { id, tenant: 'default', source: source_ })
  house.push.push(reminders)
  return id
}

const pieces = (id: string) =>
  house.db
    .selectFrom('tasks')
    .select(['key', 'status', 'started_at', 'finished_at'])
    .where('asset_id', '=', id)
    .where('queue', '=', 'video')
    .execute()

it('a picture of very many pixels stands still while something small is made, and goes on', async () => {
  const heldBefore = held
  const over = house.courtesy.small(newId())
  const picture = await upload('huge.png', hugePng({ width: 5200, height: 5200 }))
  await vi.waitFor(() => expect(held).toBe(heldBefore + 1), 30_000)
  expect((await readAsset(house, picture)).status).toBe('processing')
  over()
  await vi.waitFor(async () => expect((await readAsset(house, picture)).status).toBe('ready'), 60_000)
  expect(letGo).toBe(held)
})

it('a clip is made while a piece of a film has the only slot; that piece stands still meanwhile, and goes on', async () => {
  const heldBefore = held
  const film = await uploadVideo(60, '960x540')
  const later = async () => (await pieces(film)).find(({ key, status }) => key !== 'encode:0' && status === 'running')
  await vi.waitFor(async () => expect(await later()).toBeDefined(), { timeout: 60_000, interval: 50 })
  const clip = await uploadVideo(2, '320x180')
  await vi.waitFor(async () => expect((await readAsset(house, clip)).status).toBe('ready'), 60_000)
  expect((await readAsset(house, film)).status).toBe('processing')
  expect(held).toBeGreaterThan(heldBefore)
  await vi.waitFor(() => expect(letGo).toBe(held), 30_000)
  const [made] = await pieces(clip)
  const beside = (await pieces(film)).filter(
    ({ started_at, finished_at }) =>
      started_at !== null &&
      started_at <= (made?.started_at ?? 0) &&
      (finished_at === null || finished_at >= (made?.finished_at ?? 0)),
  )
  expect(beside).toHaveLength(1)
})
