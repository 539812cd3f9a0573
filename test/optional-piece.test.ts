import { beforeAll, expect, it, vi } from 'vitest'
import { sweepExpired } from '../core/db/task-recovery.ts'
import { claimTask } from '../core/db/task-run.ts'
import { SluiceError } from '../core/errors.ts'
import { runTask } from '../workers/run-task.ts'
import { addTask, onlyHandlers, readAsset, readTask, type TestHouse, testHouse, waitingAsset } from './setup/house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})

async function storyboardTask() {
  const { asset } = await waitingAsset(house)
  const reminder = await addTask(house, { assetId: asset.id, key: 'storyboard' })
  if (!reminder) throw new Error('the task was not written')
  return { asset, taskId: reminder.taskId }
}

/** The asset goes on, and somebody will look at it without the piece. */
async function expectDoneWithout({ asset, taskId }: Awaited<ReturnType<typeof storyboardTask>>) {
  expect(await readTask(house, taskId)).toMatchObject({ status: 'failed' })
  expect(await readAsset(house, asset.id)).toMatchObject({ status: asset.status, error: null })
  const tasks = await house.db.selectFrom('tasks').select('key').where('asset_id', '=', asset.id).execute()
  expect(tasks.map(({ key }) => key)).toContain('publish:storyboard')
}

it('a storyboard that cannot be made does not fail its asset, and the rest is published without it', async () => {
  const made = await storyboardTask()
  const storyboard = async () => {
    throw new SluiceError('corrupt_media', { message: 'no keyframe in it' })
  }
  const handlers = onlyHandlers({ storyboard })
  const closing = new AbortController().signal
  expect(await runTask({ house, taskId: made.taskId, handlers, closing })).toMatchObject({ end: 'failed' })
  await expectDoneWithout(made)
})

it('nor does one that takes its workers down', async () => {
  const made = await storyboardTask()
  for (let crash = 1; crash <= 3; crash++) {
    expect(await claimTask(house.db, { taskId: made.taskId, worker: `dead ${crash}`, leaseMs: 1 })).toBeDefined()
    await vi.waitFor(async () => {
      const swept = await sweepExpired(house.db)
      expect([...swept.recovered, ...swept.poisoned]).toContain(made.taskId)
    })
  }
  await expectDoneWithout(made)
})
