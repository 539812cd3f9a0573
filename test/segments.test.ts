import { beforeAll, describe, expect, it } from 'vitest'
import { reaches, readTracks, recordSegments } from '../core/db/segments.ts'
import { claimTask, LeaseLost } from '../core/db/task-run.ts'
import type { Track } from '../core/media/hls-facts.ts'
import { addTask, type TestHouse, testHouse, waitingAsset } from './setup/house.ts'

const track = (numbers: number[], { sha256 = 'a', attempt = 1 } = {}): Track => ({
  name: '360p',
  init: { key: 'init', sha256, bytes: 800, codec: 'avc1.64001e' },
  segments: numbers.map((number) => {
    return { key: `${attempt}-${number}`, number, bytes: 1_000, start: 10 + number * 4, seconds: 4, frames: 100 }
  }),
})

describe('the ledger of segments', () => {
  let house: TestHouse
  beforeAll(async () => {
    house = await testHouse()
  })

  /** A run of an encode task, and the next one after it. */
  async function encoding() {
    const { asset } = await waitingAsset(house)
    const added = await addTask(house, { assetId: asset.id, key: 'encode:0' })
    const claim = async () => {
      const options = { taskId: added?.taskId ?? '', worker: 'test', leaseMs: 60_000 }
      const claimed = await claimTask(house.db, options)
      if (claimed === undefined) throw new Error('the task could not be claimed')
      return claimed.task
    }
    const task = await claim()
    const takenOver = async () => {
      const pending = { status: 'pending' as const, lease_until: null }
      await house.db.updateTable('tasks').set(pending).where('id', '=', task.id).execute()
      return claim()
    }
    return { asset: { id: asset.id, generation: 1 }, task, takenOver }
  }

  it('gives back what was recorded, in order, whatever order it came in', async () => {
    const { asset, task } = await encoding()
    await recordSegments(house.db, task, [track([2])])
    await recordSegments(house.db, task, [track([0, 1])])
    expect(await readTracks(house.db, asset)).toEqual([track([0, 1, 2])])
    expect(await readTracks(house.db, asset, { names: ['360p'], from: 1, to: 2 })).toEqual([track([1])])
    expect(await readTracks(house.db, asset, { names: ['other'] })).toEqual([])
  })

  it('keeps the first word about a segment, because viewers may be reading it', async () => {
    const { asset, task, takenOver } = await encoding()
    await recordSegments(house.db, task, [track([0, 1])])
    await recordSegments(house.db, await takenOver(), [track([1, 2], { attempt: 2 })])
    const [made] = await readTracks(house.db, asset)
    expect(made?.segments.map(({ key }) => key)).toEqual(['1-0', '1-1', '2-2'])
  })

  it('takes nothing from a run that was overtaken', async () => {
    const { asset, task, takenOver } = await encoding()
    await takenOver()
    await expect(recordSegments(house.db, task, [track([0])])).rejects.toBeInstanceOf(LeaseLost)
    expect(await readTracks(house.db, asset)).toEqual([])
  })

  it('refuses a piece whose init segment is another one, and all that came with it', async () => {
    const { asset, task } = await encoding()
    await recordSegments(house.db, task, [track([0])])
    const wrong = recordSegments(house.db, task, [track([1], { sha256: 'b' })])
    await expect(wrong).rejects.toMatchObject({ code: 'output_invalid' })
    expect((await readTracks(house.db, asset))[0]?.segments).toHaveLength(1)
  })

  it('knows whether what comes before a segment is there, without a hole', async () => {
    const { asset, task } = await encoding()
    await recordSegments(house.db, task, [track([0, 1, 3])])
    expect(await reaches(house.db, asset, { track: '360p', before: 2 })).toBe(true)
    expect(await reaches(house.db, asset, { track: '360p', before: 4 })).toBe(false)
  })
})
