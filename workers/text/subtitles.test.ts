import { beforeAll, expect, test } from 'vitest'
import {
  addTask,
  onlyHandlers,
  readAsset,
  readTask,
  type TestHouse,
  testHouse,
  waitingAsset,
} from '../../test/setup/house.ts'
import { runTask } from '../run-task.ts'
import { subtitles } from './subtitles.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})

const run = async (taskId: string) => {
  const { end } = await runTask({
    ...{ house, taskId, handlers: onlyHandlers({ subtitles }) },
    closing: new AbortController().signal,
  })
  return end
}

/** Without a plan to read, every run fails. */
async function hopeless(): Promise<{ assetId: string; taskId: string }> {
  const { asset } = await waitingAsset(house)
  const task = await addTask(house, { assetId: asset.id, key: 'subtitles' })
  if (!task) throw new Error('the asset has subtitles already')
  return { assetId: asset.id, taskId: task.taskId }
}

test('subtitles that fail to the last are given up: the film goes on, and is published', async () => {
  const { assetId, taskId } = await hopeless()
  expect([await run(taskId), await run(taskId), await run(taskId)]).toEqual(['again', 'again', 'done'])
  expect(await readTask(house, taskId)).toMatchObject({ status: 'done', result: { files: [] } })
  expect((await readAsset(house, assetId)).status).not.toBe('failed')
  const next = house.db.selectFrom('tasks').select('key').where('asset_id', '=', assetId)
  expect((await next.execute()).map(({ key }) => key)).toContain('publish:subtitles')
})

test('subtitles that took two workers down do not take a third', async () => {
  const { taskId } = await hopeless()
  await house.db.updateTable('tasks').set({ crashes: 2 }).where('id', '=', taskId).execute()
  expect(await run(taskId)).toBe('done')
  expect(await readTask(house, taskId)).toMatchObject({ status: 'done', result: { files: [] } })
})
