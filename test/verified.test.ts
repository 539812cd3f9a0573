import { beforeAll, expect, it } from 'vitest'
import { readTracks } from '../core/db/segments.ts'
import { generationPrefix, privateObject } from '../core/storage/keys.ts'
import { makeClip } from '../fixtures/make.ts'
import { handlers } from '../workers/handlers.ts'
import type { Handler } from '../workers/house.ts'
import { runTask } from '../workers/run-task.ts'
import { addTask, readAsset, readTask, type TestHouse, testHouse } from './setup/house.ts'
import { receivedAsset, runTasks } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'

let house: TestHouse
let id = ''
let looks = 0
const nothing: Handler = async () => ({ result: null })

/** One look at the whole, as the last piece to finish would bring it. */
async function look() {
  const reminder = await addTask(house, { assetId: id, key: `publish:look-${looks++}` })
  const taskId = reminder?.taskId ?? ''
  let said = ''
  const publish: Handler = async (run) => {
    try {
      return await handlers.publish(run)
    } catch (error) {
      said = String(error)
      throw error
    }
  }
  const closing = new AbortController().signal
  const { end } = await runTask({ house, taskId, handlers: { ...handlers, publish }, closing })
  return { end, said, error: (await readTask(house, taskId)).error, status: (await readAsset(house, id)).status }
}

/** A video of two segments in two qualities, whose every piece is made, and which nobody has looked at. */
beforeAll(async () => {
  house = await testHouse()
  id = await receivedAsset(house, await makeClip({ name: 'tone5s', folder: await tempFolder() }))
  const unseen = { ...handlers, publish: nothing }
  await runTasks(house, id, unseen)
  // What comes after everything else is begun by the first look.
  expect(await look()).toMatchObject({ end: 'done', status: 'processing' })
  await runTasks(house, id, unseen)
})

type Spot = { track: string; number: number | 'init' }

async function keyOf({ track: name, number }: Spot): Promise<string> {
  const prefix = generationPrefix(await readAsset(house, id), 1)
  const [track] = await readTracks(house.db, { id, generation: 1 }, { names: [name] })
  const one = number === 'init' ? track?.init : track?.segments.find((segment) => segment.number === number)
  if (!one) throw new Error(`nothing is known of ${name} ${number}`)
  return prefix + one.key
}

const bytesOf = async (key: string) => Buffer.concat(await (await house.storage.get(key)).toArray())
const write = (key: string, bytes: Buffer) => house.storage.put(key, bytes, privateObject)

/** Changes what lies at one place of the storage, and gives the way back. */
async function rewrite(spot: Spot, change: (bytes: Buffer) => Buffer | undefined) {
  const key = await keyOf(spot)
  const before = await bytesOf(key)
  const after = change(Buffer.from(before))
  if (after) await write(key, after)
  else await house.storage.delete([key])
  return () => write(key, before)
}

/** Changes a fact of one segment, and gives the way back. */
async function misremember(spot: { track: string; number: number }, fact: { frames?: number; bytes?: number }) {
  const row = house.db.updateTable('segments').where('asset_id', '=', id).where('track', '=', spot.track)
  const [was] = await house.db
    .selectFrom('segments')
    .select(['frames', 'bytes'])
    .where('asset_id', '=', id)
    .where('track', '=', spot.track)
    .where('number', '=', spot.number)
    .execute()
  await row.where('number', '=', spot.number).set(fact).execute()
  return async () => {
    await row
      .where('number', '=', spot.number)
      .set({ ...was })
      .execute()
  }
}

async function rename(codec: string) {
  const row = house.db.updateTable('tracks').where('asset_id', '=', id).where('name', '=', '360p')
  const { codec: was } = await house.db
    .selectFrom('tracks')
    .select('codec')
    .where('asset_id', '=', id)
    .where('name', '=', '360p')
    .executeTakeFirstOrThrow()
  await row.set({ codec }).execute()
  return () => row.set({ codec: was }).execute()
}

/** Nothing but a decoder looks into the samples. */
const spoilt = (bytes: Buffer) => bytes.fill(0xff, bytes.indexOf('mdat') + 4)

async function bothRewritten(spot: { track: string; number: number }, from: Spot) {
  const other = await bytesOf(await keyOf(from))
  const back = [await rewrite(spot, () => other), await misremember(spot, { bytes: other.length })]
  return async () => {
    for (const one of back) await one()
  }
}

async function anotherInit() {
  const other = await bytesOf(await keyOf({ track: '240p', number: 'init' }))
  const back = await rewrite({ track: '360p', number: 'init' }, () => other)
  const row = house.db.updateTable('tracks').where('asset_id', '=', id).where('name', '=', '360p')
  const mine = await house.db
    .selectFrom('tracks')
    .select(['init_bytes', 'codec', 'name'])
    .where('asset_id', '=', id)
    .execute()
  const [was, codec] = ['360p', '240p'].map((name) => mine.find((track) => track.name === name))
  await row.set({ init_bytes: other.length, codec: codec?.codec ?? '' }).execute()
  return async () => {
    await back()
    await row.set({ init_bytes: was?.init_bytes ?? 0, codec: was?.codec ?? '' }).execute()
  }
}

const top = { track: '360p', number: 0 }
const end = { track: '360p', number: 1 }
const faults: [string, RegExp, () => Promise<() => Promise<unknown>>][] = [
  ['a frame that is missing in the books', /99 of 100 frames/, () => misremember(top, { frames: 99 })],
  ['another codec than it says', /was said to be/, () => rename('avc1.4d001f')],
  ['a segment that is not in storage', /not in storage/, () => rewrite(end, () => undefined)],
  ['half a segment', /not in storage as written/, () => rewrite(top, (bytes) => bytes.subarray(0, bytes.length / 2))],
  ['an init segment of another size', /426x240, 640x360 was planned/, anotherInit],
  ['a first picture that does not decode', /decode/, () => rewrite({ ...top, track: '240p' }, spoilt)],
  ['a last picture that does not decode', /decode/, () => rewrite(end, spoilt)],
  ['sound that does not decode', /decode|pieces of sound/, () => rewrite({ track: 'audio-1', number: 1 }, spoilt)],
  ['pictures from elsewhere', /first picture is -?\d/, () => bothRewritten(top, end)],
]

it.each(faults)('%s is found before anybody is sent there', async (_, message, spoil) => {
  const undo = await spoil()
  const seen = await look()
  await undo()
  expect(seen).toMatchObject({ end: 'again', status: 'processing', error: { code: 'output_invalid' } })
  expect(seen.said).toMatch(message)
})

it('and as it was made it becomes ready', async () => {
  expect(await look()).toMatchObject({ end: 'done', status: 'ready' })
})
