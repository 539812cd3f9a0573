import { sql } from 'kysely'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { acceptAsset } from '../core/accept.ts'
import { withAssetLock } from '../core/db/asset-lock.ts'
import { flipToReady } from '../core/db/assets.ts'
import { isDatabaseAway } from '../core/db/away.ts'
import { writeOutputs } from '../core/db/outputs.ts'
import { sweepExpired } from '../core/db/task-recovery.ts'
import { beat, claimTask, LeaseLost } from '../core/db/task-run.ts'
import type { Handler } from '../workers/house.ts'
import { ingestJob } from '../workers/ingest/ingest-job.ts'
import { holdLease } from '../workers/lease.ts'
import { publish } from '../workers/publish/publish.ts'
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
const events = async (assetId: string) =>
  (
    await house.db.selectFrom('events').select('type').where('asset_id', '=', assetId).orderBy('sequence').execute()
  ).map((event) => event.type)

describe('row and task are one', () => {
  it('an asset whose first task cannot be written is not written either, nor its event', async () => {
    const other = await testHouse()
    await sql`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no tasks today'; END $$`.execute(
      other.db,
    )
    await sql`CREATE TRIGGER refuse BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION refuse()`.execute(other.db)
    await expect(
      acceptAsset(other, { tenant: 'default', source: { type: 'url', url: 'https://example.com/' } }),
    ).rejects.toThrow(/no tasks today/)
    expect(await other.db.selectFrom('assets').select('id').execute()).toEqual([])
    expect(await other.db.selectFrom('events').select('id').execute()).toEqual([])
  })
})

describe('a run that was overtaken', () => {
  it('learns it from its next heartbeat, and may not write any more', async () => {
    const { taskId } = await waitingAsset(house)
    const claimedAt = performance.now()
    const old = await claimTask(house.db, { taskId, worker: 'old', leaseMs: 1 })
    if (old === undefined) throw new Error('the claim should hold')
    await vi.waitFor(async () => expect((await sweepExpired(house.db)).recovered).toContain(taskId))
    await claimTask(house.db, { taskId, worker: 'fresh', leaseMs: 60_000 })
    expect(await beat(house.db, old.task, { leaseMs: 60_000, progress: 0 })).toBe(false)
    const timings = { ...house.timings, leaseMs: 60_000, beatMs: 20 }
    const lease = holdLease({ db: house.db, fence: old.task, timings, log: house.log, claimedAt })
    await vi.waitFor(() => expect(lease.signal.aborted).toBe(true))
    expect(() => lease.guard()).toThrow(LeaseLost)
    lease.stop()
  })

  it('that lives takes back the crash which was counted against its task', async () => {
    const { taskId } = await waitingAsset(house)
    const fetch: Handler = async ({ bench }) => {
      // A heartbeat may come between the two.
      await vi.waitFor(async () => {
        await house.db
          .updateTable('tasks')
          .set({ lease_until: new Date(0) })
          .where('id', '=', taskId)
          .where('status', '=', 'running')
          .execute()
        await sweepExpired(house.db)
        expect(bench.signal.aborted).toBe(true)
      })
      throw bench.signal.reason
    }
    expect(await runTask({ house, taskId, handlers: onlyHandlers({ fetch }), closing: open })).toEqual({
      end: 'superseded',
    })
    expect(await readTask(house, taskId)).toMatchObject({ status: 'pending', crashes: 0 })
  })

  it('is not one whose heartbeats wait for connections that others hold', async () => {
    const busy = await testHouse()
    const { taskId } = await waitingAsset(busy)
    const fetch: Handler = async ({ bench }) => {
      const free = Promise.withResolvers<void>()
      const held = Array.from({ length: 10 }, () => busy.db.connection().execute(() => free.promise))
      await heartBeats(busy, taskId).finally(() => free.resolve())
      await Promise.all(held)
      expect(bench.signal.aborted).toBe(false)
      return { result: null }
    }
    const end = await runTask({ house: busy, taskId, handlers: onlyHandlers({ fetch }), closing: open })
    expect(end).toEqual({ end: 'done' })
  })

  it('stops by its own clock when the database hangs and answers nothing', async () => {
    const { taskId } = await waitingAsset(house)
    const claimed = await claimTask(house.db, { taskId, worker: 'x', leaseMs: 300 })
    if (claimed === undefined) throw new Error('the claim should hold')
    const hanging = new Proxy(house.db, { get: () => () => hanging, apply: () => hanging })
    const timings = { ...house.timings, leaseMs: 300, beatMs: 50 }
    const lease = holdLease({ db: hanging, fence: claimed.task, timings, log: house.log, claimedAt: performance.now() })
    await vi.waitFor(() => expect(lease.signal.aborted).toBe(true))
    lease.stop()
  })
})

describe('the lock of an asset', () => {
  it('lets one in at a time, and the next after it', async () => {
    const inside: string[] = []
    let most = 0
    const work = (name: string) => () =>
      withAssetLock(house.db, name, async () => {
        inside.push(name)
        most = Math.max(most, inside.filter((one) => one === name).length)
        for (let n = 0; n < 20; n++) await sql`SELECT 1`.execute(house.db)
        inside.splice(inside.indexOf(name), 1)
      })
    await Promise.all([work('a')(), work('a')(), work('b')(), work('a')()])
    expect(most).toBe(1)
  })
})

describe('ready', () => {
  async function processing() {
    const { asset } = await waitingAsset(house)
    await house.db.updateTable('assets').set({ status: 'processing' }).where('id', '=', asset.id).execute()
    return { id: asset.id, tenant: asset.tenant, generation: 1 }
  }

  it('comes once, however many publish at the same time', async () => {
    const asset = await processing()
    const flips = await Promise.all(
      Array.from({ length: 8 }, () => house.db.transaction().execute((trx) => flipToReady(trx, asset))),
    )
    expect(flips.filter(Boolean)).toHaveLength(1)
    expect(await events(asset.id)).toEqual(['asset.created', 'asset.playable', 'asset.ready'])
  })

  it('does not come while something that the rows promise is not in storage as written', async () => {
    const asset = await processing()
    const key = `default/${asset.id}/g1/images/w320.webp`
    const put = () =>
      house.storage.put(key, Buffer.from('pixels'), { contentType: 'image/webp', cacheControl: 'no-cache' })
    const inspect = await addTask(house, { assetId: asset.id, key: 'inspect' })
    const piece = await addTask(house, { assetId: asset.id, key: 'variants' })
    await house.db
      .updateTable('tasks')
      .set({ status: 'done', result: JSON.stringify({ kind: 'image', image: {} }) })
      .where('id', 'in', [inspect?.taskId ?? '', piece?.taskId ?? ''])
      .execute()
    await house.db
      .transaction()
      .execute((trx) =>
        writeOutputs(trx, asset, [{ role: 'image', name: 'w320.webp', key, contentType: 'image/webp', bytes: 6 }]),
      )
    const publishing = await addTask(house, { assetId: asset.id, key: 'publish:variants' })
    const run = () =>
      runTask({ house, taskId: publishing?.taskId ?? '', handlers: onlyHandlers({ publish }), closing: open })
    expect((await run()).end).toBe('again')
    expect(await readTask(house, publishing?.taskId ?? '')).toMatchObject({ error: { code: 'output_invalid' } })
    expect(await readAsset(house, asset.id)).toMatchObject({ status: 'processing' })
    await put()
    expect((await run()).end).toBe('done')
    expect(await readAsset(house, asset.id)).toMatchObject({ status: 'ready' })
  })
})

describe('a database that goes away', () => {
  const terminate = () =>
    sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`.execute(
      house.db,
    )

  it('in the middle of something ends that, and not the process', async () => {
    const failed = withAssetLock(house.db, 'some asset', async () => {
      await terminate()
      await vi.waitFor(async () => expect(await sql`SELECT 1`.execute(house.db)).toBeDefined())
    })
    await expect(failed).rejects.toSatisfy(isDatabaseAway)
  })

  it('burns none of a task’s chances', async () => {
    const { taskId } = await vi.waitFor(() => waitingAsset(house))
    const fetch: Handler = async () => {
      await house.db.transaction().execute(async (trx) => {
        await terminate()
        await sql`SELECT 1`.execute(trx)
      })
      return { result: null }
    }
    const end = await vi.waitFor(() => runTask({ house, taskId, handlers: onlyHandlers({ fetch }), closing: open }))
    expect(end.end).toBe('again')
    expect(await readTask(house, taskId)).toMatchObject({
      status: 'pending',
      failures: 0,
      error: { code: 'unavailable' },
    })
  })
})

describe('work that a backend enqueued', () => {
  it('is not taken for other work whose job had the same number before the queue was lost', async () => {
    const job = (url: string, timestamp: number) => ({ id: '1', name: 'ingest', timestamp, data: { source: { url } } })
    const first = await ingestJob({ house, job: job('https://example.com/first.mp4', 1) })
    const again = await ingestJob({ house, job: job('https://example.com/first.mp4', 1) })
    const second = await ingestJob({ house, job: job('https://example.com/second.mp4', 2) })
    expect(again).toBe(first)
    expect(second).not.toBe(first)
  })

  it('with a profile that is not there is refused, and makes no asset', async () => {
    const data = { source: { url: 'https://example.com/a.mp4' }, profile: 'constructor', externalId: 'no-profile' }
    await expect(ingestJob({ house, job: { id: '9', timestamp: 1, data } })).rejects.toThrow(
      /invalid_request.*constructor/,
    )
    expect(await house.db.selectFrom('assets').select('id').where('external_id', '=', 'no-profile').execute()).toEqual(
      [],
    )
  })
})
