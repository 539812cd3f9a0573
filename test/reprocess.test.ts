import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { beginGeneration } from '../core/db/new-generation.ts'
import { reviveTask } from '../core/db/task-recovery.ts'
import { tasksOf } from '../core/db/tasks.ts'
import { SluiceError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { backfillRank } from '../core/task-kinds.ts'
import { plainImage } from '../fixtures/images.ts'
import { handlers } from '../workers/handlers.ts'
import { tidyAssets } from '../workers/upkeep/tidy-assets.ts'
import { atEnd } from './setup/at-end.ts'
import { readAsset, type TestHouse, testHouse, waitingAsset } from './setup/house.ts'
import { receivedAsset, runTasks } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'

let house: TestHouse
let app: Awaited<ReturnType<typeof buildApp>>
let folder: string
let picture: string
beforeAll(async () => {
  folder = await tempFolder()
  picture = await write('red.png', 'red')
  house = await testHouse({ env: { SOURCE_DIRS: folder } })
  app = await buildApp(house)
  atEnd(() => app.close())
})

async function write(name: string, color: string): Promise<string> {
  const file = path.join(folder, name)
  await writeFile(file, await plainImage({ width: 16, height: 9, color, format: 'png' }))
  return file
}

const headers = { host: 'localhost' }
const call = (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, more = {}) =>
  app.inject({ method, url, headers: { ...headers, ...more }, ...(payload ? { payload } : {}) })
const asset = async (id: string) => (await call('GET', `/v1/assets/${id}`)).json()
const reprocess = (id: string, payload?: object, more = {}) => call('POST', `/v1/assets/${id}/reprocess`, payload, more)
const answerOf = async (url: string) => (await call('GET', new URL(url).pathname)).statusCode
const eventsOf = async (id: string) =>
  (await house.db.selectFrom('events').select('type').where('asset_id', '=', id).orderBy('sequence').execute()).map(
    ({ type }) => type,
  )

async function readyPicture(): Promise<string> {
  const id = await receivedAsset(house, picture)
  await runTasks(house, id)
  expect(await asset(id)).toMatchObject({ status: 'ready', generation: 1 })
  return id
}

/** A recipe that gives up. */
const failing = async () => {
  throw new SluiceError('corrupt_media', { message: 'made to fail' })
}
const failingRecipes = { ...handlers, variants: failing }

describe('an asset that is made anew', () => {
  it('serves what was ready until the new one is, and the old objects go a while after that', async () => {
    const id = await readyPicture()
    const before = await asset(id)
    const answer = await reprocess(id)
    expect(answer.statusCode).toBe(202)
    expect(answer.headers['location']).toBe(`/v1/assets/${id}`)
    expect(answer.json()).toMatchObject({ status: 'queued', playable: true, generation: 1, images: before.images })
    expect(await answerOf(before.images[0].url)).toBe(200)
    await runTasks(house, id)
    const after = await asset(id)
    expect(after).toMatchObject({ status: 'ready', playable: true, generation: 2, error: null, progress: 1 })
    expect(after.readyAt).toBe(before.readyAt)
    expect(after.images[0].url).toContain('/g2/')
    // Whoever has an old address has the grace time to go on with it.
    expect(await answerOf(before.images[0].url)).toBe(200)
    await house.db
      .updateTable('assets')
      .set({ updated_at: new Date(Date.now() - 60_000) })
      .where('id', '=', id)
      .execute()
    expect((await tidyAssets(house, { graceMs: 30_000 })).removed).toBeGreaterThan(0)
    expect(await answerOf(before.images[0].url)).toBe(404)
    expect(await answerOf(after.images[0].url)).toBe(200)
    expect((await eventsOf(id)).filter((type) => type === 'asset.ready')).toHaveLength(2)
  })

  it('by another profile has that from then on; one that nobody knows is refused', async () => {
    const id = await readyPicture()
    expect((await reprocess(id, { profile: 'nonsense' })).json()).toMatchObject({ code: 'invalid_request' })
    expect((await reprocess(id, { profile: 'fast' })).json()).toMatchObject({ profile: 'fast' })
    await runTasks(house, id)
    expect(await asset(id)).toMatchObject({ status: 'ready', profile: 'fast', generation: 2 })
  })

  it('and fails, is ready as it was before, says why, and is nowhere told to have failed', async () => {
    const id = await readyPicture()
    const before = await asset(id)
    await reprocess(id, { profile: 'fast' })
    await runTasks(house, id, failingRecipes)
    const after = await asset(id)
    const { status, playable, generation, profile, images } = before
    expect(after).toMatchObject({ status, playable, generation, profile, images, error: { code: 'corrupt_media' } })
    expect(await answerOf(after.images[0].url)).toBe(200)
    expect((await eventsOf(id)).slice(-1)).toEqual(['asset.ready'])
    // What was half made has a number that is never used again.
    await reprocess(id)
    await runTasks(house, id)
    expect(await asset(id)).toMatchObject({ status: 'ready', generation: 3, error: null })
  })

  it('and fails, is gone on with by a retry in the board', async () => {
    const id = await readyPicture()
    await reprocess(id)
    await runTasks(house, id, failingRecipes)
    const failed = (await tasksOf(house.db, { id, generation: 2 })).find(({ status }) => status === 'failed')
    expect(await reviveTask(house.db, failed?.id ?? '')).toBe(true)
    expect(await asset(id)).toMatchObject({ status: 'processing', playable: true, generation: 1 })
    await runTasks(house, id)
    expect(await asset(id)).toMatchObject({ status: 'ready', generation: 2 })
  })

  it('and is cancelled, is ready as it was before', async () => {
    const id = await readyPicture()
    await reprocess(id)
    expect((await call('POST', `/v1/assets/${id}/cancel`)).json()).toMatchObject({ status: 'ready', generation: 1 })
    expect((await tasksOf(house.db, { id, generation: 2 })).map(({ status }) => status)).toEqual(['cancelled'])
  })

  it('never was ready: it shows the new one as it grows', async () => {
    const id = await receivedAsset(house, picture)
    await runTasks(house, id, failingRecipes)
    expect(await asset(id)).toMatchObject({ status: 'failed', playable: true })
    expect((await reprocess(id)).json()).toMatchObject({
      status: 'queued',
      playable: false,
      generation: 2,
      error: null,
    })
    await runTasks(house, id)
    expect(await asset(id)).toMatchObject({ status: 'ready', playable: true, generation: 2 })
  })

  it('is deleted meanwhile: deletion wins', async () => {
    const id = await readyPicture()
    await reprocess(id)
    expect((await call('DELETE', `/v1/assets/${id}`)).statusCode).toBe(204)
    expect((await reprocess(id)).statusCode).toBe(404)
    const open = (await tasksOf(house.db, { id, generation: 2 })).filter(({ key }) => !key.startsWith('purge'))
    expect(open.map(({ status }) => status)).toEqual(['cancelled'])
  })
})

describe('a wish to reprocess', () => {
  it('that comes twenty times at once begins one generation; the others are told that it is under way', async () => {
    const id = await readyPicture()
    const answers = await Promise.all(Array.from({ length: 20 }, () => reprocess(id)))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([202, ...Array(19).fill(409)])
    expect(answers.find(({ statusCode }) => statusCode === 409)?.json()).toMatchObject({ code: 'conflict' })
    expect(await readAsset(house, id)).toMatchObject({ target_generation: 2 })
  })

  it('under an Idempotency-Key counts once, also when its answer was lost and it is over meanwhile', async () => {
    const id = await readyPicture()
    const key = { 'idempotency-key': newId() }
    const first = await reprocess(id, {}, key)
    const again = await reprocess(id, {}, key)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(again.json()).toEqual(first.json())
    await runTasks(house, id)
    const request = newId()
    const ask = () => house.db.transaction().execute((trx) => beginGeneration(trx, { id, tenant: 'default', request }))
    expect((await ask()).reminders).toHaveLength(1)
    await runTasks(house, id)
    expect((await ask()).reminders).toEqual([])
    expect(await readAsset(house, id)).toMatchObject({ generation: 3, target_generation: 3 })
  })

  it('of an asset whose original was not kept is refused; of an address that was never fetched it is fetched', async () => {
    const id = await readyPicture()
    await house.db.updateTable('assets').set({ source_key: null }).where('id', '=', id).execute()
    const refused = await reprocess(id)
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'source_gone'])
    const { asset: fetched } = await waitingAsset(house)
    await house.db.updateTable('assets').set({ status: 'failed' }).where('id', '=', fetched.id).execute()
    expect((await reprocess(fetched.id)).statusCode).toBe(202)
    const [task] = await tasksOf(house.db, { id: fetched.id, generation: 2 })
    expect(task).toMatchObject({ key: 'fetch', status: 'pending' })
  })

  it('of another tenant, of no asset, with a field too many is refused', async () => {
    const id = await readyPicture()
    await house.db.updateTable('assets').set({ tenant: 'other' }).where('id', '=', id).execute()
    expect((await reprocess(id)).statusCode).toBe(404)
    expect((await reprocess('x')).statusCode).toBe(404)
    expect((await reprocess(id, { quality: 1 })).json()).toMatchObject({ code: 'invalid_request' })
  })
})

it('media that lies elsewhere is taken as it is there now', async () => {
  const file = await write('elsewhere.png', 'blue')
  const made = await call('POST', '/v1/assets', { source: { object: `file:${file}` } })
  const { id } = made.json()
  await runTasks(house, id)
  const before = await readAsset(house, id)
  await writeFile(file, await plainImage({ width: 32, height: 18, color: 'green', format: 'png' }))
  expect((await reprocess(id)).statusCode).toBe(202)
  await runTasks(house, id)
  expect(await asset(id)).toMatchObject({ status: 'ready', generation: 2, media: { width: 32 } })
  const after = await readAsset(house, id)
  expect(after.source_version).not.toBe(before.source_version)
  expect(after.source_sha256).not.toBe(before.source_sha256)
})

it('media that lies elsewhere, replaced since, is told of as it is served until the new one is, and when that comes to nothing', async () => {
  const file = await write('replaced.png', 'blue')
  const { id } = (await call('POST', '/v1/assets', { source: { object: `file:${file}` } })).json()
  await runTasks(house, id)
  const told = async () => {
    const { kind, media, placeholder, source, generation } = await asset(id)
    return { kind, media, placeholder, source, generation }
  }
  const before = await told()
  await writeFile(file, await plainImage({ width: 32, height: 18, color: 'green', format: 'png' }))
  await reprocess(id)
  expect(await told()).toEqual(before)
  await call('POST', `/v1/assets/${id}/cancel`)
  expect(await told()).toEqual(before)
  await reprocess(id)
  await runTasks(house, id, failingRecipes)
  expect(await asset(id)).toMatchObject({ status: 'ready', error: { code: 'corrupt_media' } })
  expect(await told()).toEqual(before)
  const failed = (await tasksOf(house.db, { id, generation: 3 })).find(({ status }) => status === 'failed')
  expect(await reviveTask(house.db, failed?.id ?? '')).toBe(true)
  expect(await told()).toEqual(before)
  await runTasks(house, id)
  const after = await told()
  expect(after).toMatchObject({ generation: 3, media: { width: 32 }, source: { sha256: expect.any(String) } })
  expect(after.source.sha256).not.toBe(before.source.sha256)
  expect(after.placeholder).not.toEqual(before.placeholder)
  expect(await readAsset(house, id)).toMatchObject({ other_facts: null })
})

it('what is tidied just now does not touch a generation that begins in that moment', async () => {
  const id = await readyPicture()
  await house.db
    .updateTable('assets')
    .set({ updated_at: new Date(Date.now() - 60_000) })
    .where('id', '=', id)
    .execute()
  const { storage } = house
  const beginsMeanwhile: typeof storage = {
    ...storage,
    async *list(prefix) {
      // On a slow machine what earlier tests made is old enough to be tidied as well.
      if (prefix.includes(id)) await reprocess(id)
      await runTasks(house, id)
      yield* storage.list(prefix)
    },
  }
  await tidyAssets({ ...house, storage: beginsMeanwhile }, { graceMs: 30_000 })
  const { generation, images } = await asset(id)
  expect(generation).toBe(2)
  for (const { url } of images) expect(await answerOf(url)).toBe(200)
})

it('what is made anew in masses comes after all that somebody waits for, in each of its tasks', async () => {
  const id = await readyPicture()
  await house.db.transaction().execute((trx) => beginGeneration(trx, { id, tenant: 'default', priority: 'backfill' }))
  await runTasks(house, id)
  const tasks = await tasksOf(house.db, { id, generation: 2 })
  expect(tasks.length).toBeGreaterThan(2)
  for (const { queue_priority, key } of tasks) expect(queue_priority, key).toBeGreaterThanOrEqual(backfillRank)
})
