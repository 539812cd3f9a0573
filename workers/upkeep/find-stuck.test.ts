import { beforeEach, describe, expect, it } from 'vitest'
import { addTask, readAsset, type TestHouse, testHouse, waitingAsset } from '../../test/setup/house.ts'
import { stuckSearch } from './find-stuck.ts'

let house: TestHouse
beforeEach(async () => {
  house = await testHouse()
})

/** An asset of which nothing is to be done any more, and which is not at its end. */
async function stuck(): Promise<string> {
  const { asset, taskId } = await waitingAsset(house)
  await house.db.updateTable('tasks').set({ status: 'done' }).where('id', '=', taskId).execute()
  return asset.id
}

describe('an asset that nothing brings further', () => {
  it('fails, rather than be waited for for ever', async () => {
    const id = await stuck()
    expect(await stuckSearch(house, { quietMs: 0 })()).toBe(1)
    expect(await readAsset(house, id)).toMatchObject({ status: 'failed', error: { code: 'internal', retryable: true } })
    expect(await stuckSearch(house, { quietMs: 0 })()).toBe(0)
  })

  it('is looked at once more before, where it is planned: its pieces may all be there', async () => {
    const id = await stuck()
    const inspect = await addTask(house, { assetId: id, key: 'inspect' })
    await house.db
      .updateTable('tasks')
      .set({ status: 'done' })
      .where('id', '=', inspect?.taskId ?? '')
      .execute()
    expect(await stuckSearch(house, { quietMs: 0 })()).toBe(1)
    const looks = await house.db.selectFrom('tasks').select('status').where('key', '=', 'publish:last-look').execute()
    expect(looks).toEqual([{ status: 'pending' }])
    expect(await stuckSearch(house, { quietMs: 0 })()).toBe(0)
    await house.db.updateTable('tasks').set({ status: 'done' }).where('key', '=', 'publish:last-look').execute()
    expect(await stuckSearch(house, { quietMs: 0 })()).toBe(1)
    expect(await readAsset(house, id)).toMatchObject({ status: 'failed' })
  })

  it('is not one with work to do, nor one that ended, and is found past any number of them', async () => {
    const busy = await Promise.all(Array.from({ length: 5 }, () => waitingAsset(house)))
    const id = await stuck()
    const search = stuckSearch(house, { quietMs: 0, limit: 2 })
    const found = [await search(), await search(), await search()]
    expect(found).toEqual([0, 0, 1])
    expect(await readAsset(house, id)).toMatchObject({ status: 'failed' })
    for (const { asset } of busy) expect(await readAsset(house, asset.id)).toMatchObject({ status: 'queued' })
  })
})
