import { beforeAll, expect, it, vi } from 'vitest'
import { onlyHandlers, type TestHouse, testHouse, waitingAsset } from '../test/setup/house.ts'
import { quick } from './in-its-place.ts'
import { runTask } from './run-task.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})

it.each([
  ['of 3 MB: films stand still meanwhile', 3e6, true],
  ['of 3 GB, which may have to be fetched first: they go on', 3e9, false],
])('what is soon done of a source %s', async (_, bytes, holds) => {
  const { asset, taskId } = await waitingAsset(house)
  await house.db.updateTable('assets').set({ source_bytes: bytes }).where('id', '=', asset.id).execute()
  const resume = vi.fn()
  const pause = vi.fn()
  const over = house.courtesy.long('a film', { pause, resume })
  const recipe = vi.fn(async () => {
    expect(pause).toHaveBeenCalledTimes(holds ? 1 : 0)
    return { result: null }
  })
  const run = { house, taskId, handlers: onlyHandlers({ fetch: quick(recipe) }), closing: new AbortController().signal }
  expect(await runTask(run)).toEqual({ end: 'done' })
  expect(recipe).toHaveBeenCalled()
  expect(resume).toHaveBeenCalledTimes(holds ? 1 : 0)
  over()
})
