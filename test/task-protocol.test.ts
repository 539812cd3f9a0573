import { setTimeout as rest } from 'node:timers/promises'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { sweepExpired } from '../core/db/task-recovery.ts'
import { claimTask, finishTask, handBack, LeaseLost } from '../core/db/task-run.ts'
import { insertTasks, markPushed } from '../core/db/tasks.ts'
import { SluiceError } from '../core/errors.ts'
import { queuePriority } from '../core/task-kinds.ts'
import type { Handler } from '../workers/house.ts'
import { runTask } from '../workers/run-task.ts'
import {
  addTask,
  heartBeats,
  onlyHandlers,
  readAsset,
  readTask,
  type TestHouse,
  testHouse,
  waitingAsset,
} from './setup/house.ts'

let house: TestHouse
const open = new AbortController().signal

beforeAll(async () => {
  house = await testHouse()
})

const run = (taskId: string, fetch: Handler, closing = open) =>
  runTask({ house, taskId, handlers: onlyHandlers({ fetch }), closing })
const failWith =
  (error: Error): Handler =>
  async () => {
    throw error
  }

describe('a task runs', () => {
  it('and leaves its result, done, in attempt 1', async () => {
    const { taskId } = await waitingAsset(house)
    expect(await run(taskId, async () => ({ result: { bytes: 3 } }))).toEqual({ end: 'done' })
    expect(await readTask(house, taskId)).toMatchObject({
      status: 'done',
      attempt: 1,
      result: { bytes: 3 },
      progress: 1,
      lease_until: null,
    })
  })

  it('once, however often the queue delivers it', async () => {
    const { taskId } = await waitingAsset(house)
    const handler = vi.fn<Handler>(async () => ({ result: null }))
    const ends = await Promise.all(Array.from({ length: 20 }, () => run(taskId, handler)))
    expect(handler).toHaveBeenCalledTimes(1)
    expect(ends.map((one) => one.end).sort()).toEqual(['done', ...Array(19).fill('superseded')])
  })

  it('with its follow-up tasks and rows in one transaction: all of them, or none', async () => {
    const { asset, taskId } = await waitingAsset(house)
    const end = await run(taskId, async () => ({
      result: null,
      write: async (trx) => {
        await trx.updateTable('assets').set({ source_mime: 'video/mp4' }).where('id', '=', asset.id).execute()
        await insertTasks(trx, [
          {
            assetId: asset.id,
            generation: 1,
            key: 'inspect',
            params: {},
            queuePriority: queuePriority({ priority: 'normal' }),
          },
        ])
        throw new Error('the last statement fails')
      },
    }))
    expect(end.end).toBe('again')
    expect((await readAsset(house, asset.id)).source_mime).toBeNull()
    const keys = await house.db.selectFrom('tasks').select('key').where('asset_id', '=', asset.id).execute()
    expect(keys).toEqual([{ key: 'fetch' }])
    expect(await readTask(house, taskId)).toMatchObject({ status: 'pending', failures: 1 })
  })

  it('in a scratch folder that is gone afterwards, also after a failure', async () => {
    const { taskId } = await waitingAsset(house)
    let scratch = ''
    await run(taskId, async ({ bench }) => {
      scratch = bench.scratch
      throw new Error('nothing works')
    })
    const { existsSync } = await import('node:fs')
    expect(scratch).not.toBe('')
    expect(existsSync(scratch)).toBe(false)
  })
})

describe('the fence', () => {
  it('keeps out a run that was overtaken: its result, its rows and its tasks do not count', async () => {
    const { asset, taskId } = await waitingAsset(house)
    const old = await claimTask(house.db, { taskId, worker: 'old', leaseMs: 1 })
    await vi.waitFor(async () => expect((await sweepExpired(house.db)).recovered).toContain(taskId))
    const fresh = await claimTask(house.db, { taskId, worker: 'fresh', leaseMs: 10_000 })
    if (!old || !fresh) throw new Error('both claims should hold')
    expect(fresh.task.attempt).toBe(old.task.attempt + 1)
    const late = finishTask(house.db, old.task, {
      result: 'late',
      write: async (trx) => {
        await trx.updateTable('assets').set({ source_mime: 'late' }).where('id', '=', asset.id).execute()
        return []
      },
    })
    await expect(late).rejects.toBeInstanceOf(LeaseLost)
    await finishTask(house.db, fresh.task, { result: 'in time' })
    expect(await readTask(house, taskId)).toMatchObject({ status: 'done', result: 'in time', worker: 'fresh' })
    expect((await readAsset(house, asset.id)).source_mime).toBeNull()
  })

  it('tells a running task within a heartbeat that it was cancelled, and its signal aborts', async () => {
    const { taskId } = await waitingAsset(house)
    const aborted = vi.fn()
    const running = run(taskId, async ({ bench }) => {
      await house.db
        .updateTable('tasks')
        .set({ status: 'cancelled', lease_until: null })
        .where('id', '=', taskId)
        .execute()
      await rest(20_000, undefined, { signal: bench.signal }).catch(aborted)
      bench.guard()
      return { result: 'never' }
    })
    expect(await running).toEqual({ end: 'superseded' })
    expect(aborted).toHaveBeenCalledOnce()
    expect(await readTask(house, taskId)).toMatchObject({ status: 'cancelled', result: null })
  })
})

describe('the sweep', () => {
  it('gives a dead worker’s task to the next one, and counts the crash', async () => {
    const { taskId } = await waitingAsset(house)
    await claimTask(house.db, { taskId, worker: 'dead', leaseMs: 1 })
    await vi.waitFor(async () => expect((await sweepExpired(house.db)).recovered).toContain(taskId))
    expect(await readTask(house, taskId)).toMatchObject({
      status: 'pending',
      crashes: 1,
      pushes: 1,
      enqueued_at: null,
      failures: 0,
    })
    expect(await run(taskId, async () => ({ result: 1 }))).toEqual({ end: 'done' })
  })

  it('leaves a living worker alone, for as long as its heart beats', async () => {
    const { taskId } = await waitingAsset(house)
    const running = run(taskId, async ({ bench }) => {
      await heartBeats(house, taskId)
      bench.guard()
      expect((await sweepExpired(house.db)).recovered).not.toContain(taskId)
      return { result: 'alive' }
    })
    expect(await running).toEqual({ end: 'done' })
  })

  it('sets a task aside that has taken down three workers, and fails its asset as poisoned', async () => {
    const { asset, taskId } = await waitingAsset(house)
    for (let crash = 1; crash <= 3; crash++) {
      expect(await claimTask(house.db, { taskId, worker: `dead ${crash}`, leaseMs: 1 })).toBeDefined()
      await vi.waitFor(async () => {
        const swept = await sweepExpired(house.db)
        expect([...swept.recovered, ...swept.poisoned]).toContain(taskId)
      })
    }
    expect(await readTask(house, taskId)).toMatchObject({ status: 'failed', crashes: 3 })
    expect(await readAsset(house, asset.id)).toMatchObject({ status: 'failed', error: { code: 'poisoned', taskId } })
  })
})

describe('a reminder', () => {
  it('that is marked as sent only after its task was handed back is not taken for the next one', async () => {
    const { taskId, reminder } = await waitingAsset(house)
    const claimed = await claimTask(house.db, { taskId, worker: 'polite', leaseMs: 10_000 })
    if (!claimed) throw new Error('the claim should hold')
    await handBack(house.db, claimed.task)
    await markPushed(house.db, [reminder])
    expect(await readTask(house, taskId)).toMatchObject({ pushes: 1, enqueued_at: null })
  })
})

describe('an error’s fate', () => {
  it('retry: rests, counts, and after its limit fails the asset with code and reason', async () => {
    const { asset, taskId } = await waitingAsset(house)
    const away = failWith(
      new SluiceError('source_too_slow', {
        message: 'secret host sends 3 bytes a second',
        publicMessage: 'The origin sends too slowly.',
      }),
    )
    for (let failure = 1; failure < 5; failure++) expect((await run(taskId, away)).end).toBe('again')
    expect(await readTask(house, taskId)).toMatchObject({ status: 'pending', failures: 4 })
    expect((await run(taskId, away)).end).toBe('failed')
    expect(await readAsset(house, asset.id)).toMatchObject({
      status: 'failed',
      error: { code: 'source_too_slow', message: 'The origin sends too slowly.', retryable: true, taskId },
    })
  })

  it('give up: fails at once, once, and stops everything else of that asset', async () => {
    const { asset, taskId } = await waitingAsset(house)
    const other = await addTask(house, { assetId: asset.id, key: 'stills' })
    const refused = failWith(new SluiceError('unsupported_container', { message: 'a playlist' }))
    expect(await run(taskId, refused)).toMatchObject({ end: 'failed', code: 'unsupported_container' })
    expect(await readTask(house, other?.taskId ?? '')).toMatchObject({ status: 'cancelled' })
    expect(await readAsset(house, asset.id)).toMatchObject({ status: 'failed', error: { retryable: false } })
    const events = await house.db
      .selectFrom('events')
      .select('type')
      .where('asset_id', '=', asset.id)
      .orderBy('sequence')
      .execute()
    expect(events.map((event) => event.type)).toEqual(['asset.created', 'asset.failed'])
  })

  it('later: waits without burning an attempt, however often', async () => {
    const { taskId } = await waitingAsset(house)
    const waiting = failWith(new SluiceError('no_space', { message: 'ENOSPC', retryAfterMs: 10 }))
    for (let wait = 0; wait < 8; wait++) expect(await run(taskId, waiting)).toEqual({ end: 'again', restMs: 10 })
    expect(await readTask(house, taskId)).toMatchObject({ status: 'pending', failures: 0 })
  })

  it.each(['ENOSPC', 'EDQUOT'])(
    'a scratch disk that is full (%s) is waited for, with nothing counted',
    async (code) => {
      const { taskId } = await waitingAsset(house)
      const full = failWith(Object.assign(new Error(`${code}: write`), { code }))
      for (let wait = 0; wait < 4; wait++) expect((await run(taskId, full)).end).toBe('again')
      expect(await readTask(house, taskId)).toMatchObject({ failures: 0, error: { code: 'no_space' } })
    },
  )

  it('a worker that closes hands its task back at once, with nothing counted', async () => {
    const { taskId } = await waitingAsset(house)
    const closing = new AbortController()
    const running = run(
      taskId,
      async ({ bench }) => {
        closing.abort(new Error('closing'))
        await rest(20_000, undefined, { signal: bench.signal })
        return { result: 'never' }
      },
      closing.signal,
    )
    expect(await running).toEqual({ end: 'handed back' })
    expect(await readTask(house, taskId)).toMatchObject({
      status: 'pending',
      failures: 0,
      crashes: 0,
      enqueued_at: null,
      pushes: 1,
    })
  })
})
