import { beforeAll, describe, expect, it, vi } from 'vitest'
import { buildApp } from '../api/app.ts'
import { sweepExpired } from '../core/db/task-recovery.ts'
import { claimTask } from '../core/db/task-run.ts'
import type { Handler } from '../workers/house.ts'
import { processJob } from '../workers/process-job.ts'
import { atEnd } from './setup/at-end.ts'
import { onlyHandlers, readAsset, readTask, type TestHouse, testHouse, waitingAsset } from './setup/house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})

/** A task over which three workers died. */
async function poisoned(): Promise<{ taskId: string; assetId: string }> {
  const { asset, taskId } = await waitingAsset(house)
  for (let crash = 1; crash <= 3; crash++) {
    await claimTask(house.db, { taskId, worker: `dead ${crash}`, leaseMs: 1 })
    await vi.waitFor(async () => {
      await sweepExpired(house.db)
      expect(await readTask(house, taskId)).toMatchObject({ crashes: crash })
    })
  }
  expect(await readTask(house, taskId)).toMatchObject({ status: 'failed' })
  return { taskId, assetId: asset.id }
}

describe('a task that killed three workers', () => {
  it('is not brought back by a job of the queue whose worker died', async () => {
    const { taskId, assetId } = await poisoned()
    const handler = vi.fn<Handler>(async () => ({ result: null }))
    const closing = new AbortController().signal
    // It had been sent back by hand once, and its worker died: the queue gives it out again, as often as it likes.
    const job = { data: { taskId }, attemptsMade: 1, stalledCounter: 1, moveToDelayed: vi.fn() }
    const end = processJob({
      house,
      job: job as never,
      token: 'x',
      handlers: onlyHandlers({ fetch: handler }),
      closing,
    })
    expect(await end).toBe('superseded')
    expect(handler).not.toHaveBeenCalled()
    expect(await readAsset(house, assetId)).toMatchObject({ status: 'failed', error: { code: 'poisoned' } })
  })

  it('is counted in /health, until its asset is dealt with', async () => {
    const app = await buildApp(house)
    atEnd(() => app.close())
    const count = async () =>
      (await app.inject({ url: '/health', headers: { host: 'localhost' } })).json().tasks.poisoned
    const before = await count()
    const { assetId } = await poisoned()
    expect(await count()).toBe(before + 1)
    await house.db.updateTable('assets').set({ deleted_at: new Date() }).where('id', '=', assetId).execute()
    expect(await count()).toBe(before)
  })
})
