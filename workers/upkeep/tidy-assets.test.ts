import { beforeAll, describe, expect, it } from 'vitest'
import type { AssetStatus } from '../../core/asset.ts'
import { writeOutputs } from '../../core/db/outputs.ts'
import { reviveTask } from '../../core/db/task-recovery.ts'
import { privateObject } from '../../core/storage/keys.ts'
import { readAsset, readTask, type TestHouse, testHouse, waitingAsset } from '../../test/setup/house.ts'
import { tidyAssets } from './tidy-assets.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})

const graceMs = 60_000

type Ended = {
  status: AssetStatus
  generation?: number
  target?: number
  wasReady?: boolean
  deleted?: boolean
  agoMs?: number
}

/** An asset that ended so long ago, with these objects in storage. */
async function ended(files: string[], { status, generation = 1, target = generation, ...more }: Ended) {
  const { asset, taskId } = await waitingAsset(house)
  const at = new Date(Date.now() - (more.agoMs ?? 2 * graceMs))
  const prefix = `default/${asset.id}/`
  for (const file of files) await house.storage.put(prefix + file, Buffer.from(file), privateObject)
  await house.db
    .updateTable('assets')
    .set({
      status,
      generation,
      target_generation: target,
      updated_at: at,
      playable: true,
      source_key: `${prefix}source/a.mp4`,
    })
    .set({ ready_at: more.wasReady ? at : null, deleted_at: more.deleted ? at : null })
    .where('id', '=', asset.id)
    .execute()
  const left = async () => {
    const keys: string[] = []
    for await (const { key } of house.storage.list(prefix)) keys.push(key.slice(prefix.length))
    return keys
  }
  return { id: asset.id, taskId, left }
}

/** Rows of one track, with these segments. */
async function track(id: string, generation: number, segments: string[]): Promise<void> {
  const of = { asset_id: id, generation }
  const init = { init_key: 'hls/v/init-aa.mp4', init_sha256: 'aa', init_bytes: 1, codec: 'avc1' }
  await house.db
    .insertInto('tracks')
    .values({ ...of, name: 'v', ...init })
    .execute()
  const rows = segments.map((key, number) => ({
    ...of,
    track: 'v',
    number,
    key,
    bytes: 1,
    start: 0,
    seconds: 1,
    frames: 1,
  }))
  await house.db.insertInto('segments').values(rows).execute()
}

const rowsOf = async (id: string) =>
  (await house.db.selectFrom('outputs').select('generation').where('asset_id', '=', id).execute()).map(
    (row) => row.generation,
  )
const output = (id: string, generation: number) =>
  house.db.transaction().execute((trx) => {
    const row = { name: 'small', key: `default/${id}/g${generation}/thumbnails/small.jpg`, contentType: 'image/jpeg' }
    return writeOutputs(trx, { id, generation }, [{ role: 'thumbnail', ...row, bytes: 1 }])
  })

describe('what nobody refers to goes, a while after an asset has ended:', () => {
  it('former generations with their rows, segments of runs that were overtaken, sources of other tries', async () => {
    const kept = ['g2/hls/master.m3u8', 'g2/hls/v/0-2-0.m4s', 'g2/hls/v/init-aa.mp4', 'g2/thumbnails/small.jpg']
    const gone = ['g1/hls/master.m3u8', 'g1/thumbnails/small.jpg', 'g2/hls/v/0-1-0.m4s', 'g2/hls/v/init-bb.mp4']
    const files = [...kept, ...gone, 'source/a.mp4', 'source/other.mp4', 'upload/piece']
    const asset = await ended(files, { status: 'ready', generation: 2, wasReady: true })
    await track(asset.id, 2, ['hls/v/0-2-0.m4s'])
    await track(asset.id, 1, ['hls/v/0-1-9.m4s'])
    for (const generation of [1, 2]) await output(asset.id, generation)
    expect(await tidyAssets(house, { graceMs })).toEqual({ removed: gone.length + 2, failed: 0 })
    expect(await asset.left()).toEqual([...kept, 'source/a.mp4'])
    expect(await rowsOf(asset.id)).toEqual([2])
    // Once is enough, until it ends anew.
    await house.storage.put(`default/${asset.id}/g1/late`, Buffer.from('x'), privateObject)
    expect(await tidyAssets(house, { graceMs })).toEqual({ removed: 0, failed: 0 })
  })

  it('nothing, where the segments of a generation are not known by rows', async () => {
    const asset = await ended(['g1/hls/v/1-0.m4s', 'source/a.mp4'], { status: 'ready', wasReady: true })
    await tidyAssets(house, { graceMs })
    expect(await asset.left()).toEqual(['g1/hls/v/1-0.m4s', 'source/a.mp4'])
  })

  it.each(['failed', 'cancelled'] as const)('all that a %s one had made, but its source', async (status) => {
    const asset = await ended(['g1/hls/v/0-1-0.m4s', 'g1/thumbnails/small.jpg', 'source/a.mp4'], { status })
    await output(asset.id, 1)
    await tidyAssets(house, { graceMs })
    expect(await asset.left()).toEqual(['source/a.mp4'])
    expect(await rowsOf(asset.id)).toEqual([])
    expect(await readAsset(house, asset.id)).toMatchObject({ playable: false })
  })

  it('the new generation alone, where making it failed', async () => {
    const failed = { status: 'failed', generation: 1, target: 2, wasReady: true } as const
    const asset = await ended(['g1/thumbnails/small.jpg', 'g2/thumbnails/small.jpg', 'source/a.mp4'], failed)
    await tidyAssets(house, { graceMs })
    expect(await asset.left()).toEqual(['g1/thumbnails/small.jpg', 'source/a.mp4'])
    expect(await readAsset(house, asset.id)).toMatchObject({ playable: true })
  })

  it('whatever came after a deletion', async () => {
    const asset = await ended(['g1/thumbnails/small.jpg', 'source/a.mp4'], {
      status: 'ready',
      wasReady: true,
      deleted: true,
    })
    await tidyAssets(house, { graceMs })
    expect(await asset.left()).toEqual([])
  })

  it('and not before: until then it can be gone on with, and afterwards it cannot', async () => {
    const early = await ended(['g1/thumbnails/small.jpg'], { status: 'failed', agoMs: graceMs / 2 })
    const late = await ended(['g1/thumbnails/small.jpg'], { status: 'failed' })
    for (const { taskId } of [early, late])
      await house.db.updateTable('tasks').set({ status: 'failed' }).where('id', '=', taskId).execute()
    await tidyAssets(house, { graceMs })
    expect(await early.left()).toEqual(['g1/thumbnails/small.jpg'])
    expect(await late.left()).toEqual([])
    expect(await reviveTask(house.db, early.taskId)).toBe(true)
    expect(await reviveTask(house.db, late.taskId)).toBe(false)
    expect(await readTask(house, late.taskId)).toMatchObject({ status: 'failed' })
  })
})

it('storage that is away while it is tidied is tidied when it is back', async () => {
  const asset = await ended(['g1/thumbnails/small.jpg'], { status: 'failed' })
  const away = { ...house.storage, delete: () => Promise.reject(new Error('away')) }
  expect(await tidyAssets({ ...house, storage: away }, { graceMs })).toEqual({ removed: 0, failed: 1 })
  expect(await asset.left()).toHaveLength(1)
  expect(await tidyAssets(house, { graceMs })).toEqual({ removed: 1, failed: 0 })
  expect(await asset.left()).toEqual([])
})
