import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { buildApp } from '../api/app.ts'
import type { Database } from '../core/db/open.ts'
import { sweepExpired } from '../core/db/task-recovery.ts'
import { claimTask, disownCrash } from '../core/db/task-run.ts'
import { insertTasks } from '../core/db/tasks.ts'
import { SluiceError } from '../core/errors.ts'
import type { Handler, House } from '../workers/house.ts'
import { runTask } from '../workers/run-task.ts'
import { atEnd } from './setup/at-end.ts'
import { onlyHandlers, readTask, type TestHouse, testHouse, waitingAsset } from './setup/house.ts'
import { tempFolder } from './setup/temp-folder.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse({ timings: { leaseMs: 60_000 } })
})
afterEach(() => {
  vi.useRealTimers()
})

const closing = new AbortController().signal
const run = (taskId: string, fetch: Handler, inHouse: House = house) =>
  runTask({ house: inHouse, taskId, handlers: onlyHandlers({ fetch }), closing })
const uncounted = { status: 'pending', failures: 0, crashes: 0 }

describe('none of its chances is used up by a task', () => {
  it('whose scratch folder vanished in the middle: it runs again in a new one', async () => {
    const { taskId } = await waitingAsset(house)
    const folders: string[] = []
    const writing: Handler = async ({ bench }) => {
      folders.push(bench.scratch)
      if (folders.length === 1) await rm(bench.scratch, { recursive: true })
      await writeFile(path.join(bench.scratch, 'made'), 'x')
      return { result: null }
    }
    expect((await run(taskId, writing)).end).toBe('again')
    expect(await readTask(house, taskId)).toMatchObject({ ...uncounted, error: { code: 'unavailable' } })
    expect(await run(taskId, writing)).toEqual({ end: 'done' })
    expect(new Set(folders).size).toBe(2)
  })

  it('whose worker can make no scratch folder', async () => {
    const { taskId } = await waitingAsset(house)
    const file = path.join(await tempFolder(), 'no-folder')
    await writeFile(file, '')
    const never = vi.fn<Handler>()
    for (let n = 0; n < 4; n++) expect((await run(taskId, never, { ...house, scratchDir: file })).end).toBe('again')
    expect(never).not.toHaveBeenCalled()
    expect(await readTask(house, taskId)).toMatchObject(uncounted)
  })

  it.each(['EMFILE', 'ENFILE', 'EAGAIN', 'EROFS', 'ENOSPC'])('that meets a machine at its end (%s)', async (code) => {
    const { taskId } = await waitingAsset(house)
    const full: Handler = async () => {
      throw Object.assign(new Error(`${code}: open`), { code })
    }
    for (let n = 0; n < 4; n++) expect((await run(taskId, full)).end).toBe('again')
    expect(await readTask(house, taskId)).toMatchObject(uncounted)
  })

  it('that waits for storage', async () => {
    const { taskId } = await waitingAsset(house)
    const away: Handler = async () => {
      throw new SluiceError('storage_unavailable', { message: '503' })
    }
    for (let n = 0; n < 6; n++) expect((await run(taskId, away)).end).toBe('again')
    expect(await readTask(house, taskId)).toMatchObject(uncounted)
  })

  it('whose run was taken for dead and lives, also when the next has begun', async () => {
    const { taskId } = await waitingAsset(house)
    const old = await claimTask(house.db, { taskId, worker: 'slow', leaseMs: 1 })
    await vi.waitFor(async () => expect((await sweepExpired(house.db)).recovered).toContain(taskId))
    await claimTask(house.db, { taskId, worker: 'next', leaseMs: 60_000 })
    expect(await readTask(house, taskId)).toMatchObject({ crashes: 1 })
    if (old) await disownCrash(house.db, old.task)
    expect(await readTask(house, taskId)).toMatchObject({ status: 'running', worker: 'next', crashes: 0 })
  })
})

describe('a worker whose clock is wrong', () => {
  const hour = 3_600_000
  const by = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })

  it('cuts nobody’s patience short, its own nor that of the next', async () => {
    const { taskId } = await waitingAsset(house)
    const away: Handler = async () => {
      throw new SluiceError('source_unavailable', { message: 'it answered 503' })
    }
    for (const skew of [-hour, 0, hour]) {
      by(skew)
      expect((await run(taskId, away)).end).toBe('again')
      vi.useRealTimers()
      const { error } = await readTask(house, taskId)
      expect(Math.abs(Date.parse(error?.since ?? '') - Date.now())).toBeLessThan(hour / 4)
    }
    expect(await readTask(house, taskId)).toMatchObject(uncounted)
  })

  it('loses no lease and takes none that holds', async () => {
    const { taskId } = await waitingAsset(house)
    by(hour)
    const held: Handler = async ({ bench }) => {
      expect((await sweepExpired(house.db)).recovered).not.toContain(taskId)
      bench.guard()
      return { result: 'held' }
    }
    expect(await run(taskId, held)).toEqual({ end: 'done' })
  })
})

describe('Postgres', () => {
  it('that loses the answer to a COMMIT is asked what it did: what followed is there once', async () => {
    const { asset, taskId } = await waitingAsset(house)
    let cuts = 0
    const cut: ProxyHandler<Database> = {
      get(db, name) {
        const value: unknown = Reflect.get(db, name)
        if (name !== 'transaction' || cuts > 0) return typeof value === 'function' ? value.bind(db) : value
        return () => ({
          async execute(work: Parameters<ReturnType<Database['transaction']>['execute']>[0]) {
            await db.transaction().execute(work)
            cuts++
            throw new Error('Connection terminated unexpectedly')
          },
        })
      },
    }
    const next = { assetId: asset.id, generation: 1, key: 'inspect', params: {}, queuePriority: 1 }
    const fetch: Handler = async () => ({ result: 'made', write: (trx) => insertTasks(trx, [next]) })
    expect(await run(taskId, fetch, { ...house, db: new Proxy(house.db, cut) })).toEqual({ end: 'done' })
    expect(cuts).toBe(1)
    expect(await readTask(house, taskId)).toMatchObject({ status: 'done', attempt: 1, result: 'made' })
    const keys = await house.db
      .selectFrom('tasks')
      .select('key')
      .where('asset_id', '=', asset.id)
      .orderBy('key')
      .execute()
    expect(keys).toEqual([{ key: 'fetch' }, { key: 'inspect' }])
  })

  it('without a free connection is a 503 that says when to come again', async () => {
    const crowded = await testHouse()
    const app = await buildApp(crowded)
    atEnd(() => app.close())
    const free = Promise.withResolvers<void>()
    const taken = Array.from({ length: 10 }, () => Promise.withResolvers<void>())
    const held = taken.map((one) =>
      crowded.db.connection().execute(() => {
        one.resolve()
        return free.promise
      }),
    )
    await Promise.all(taken.map((one) => one.promise))
    const answer = await app.inject({ url: '/v1/assets', headers: { host: 'localhost' } })
    free.resolve()
    await Promise.all(held)
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toMatchObject({ code: 'unavailable' })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect((await app.inject({ url: '/v1/assets', headers: { host: 'localhost' } })).statusCode).toBe(200)
  })
})
