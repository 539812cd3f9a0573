import { sql } from 'kysely'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { migrateToLatest } from '../core/db/migrate.ts'
import { openDatabase } from '../core/db/open.ts'
import { SchemaTooNew } from '../core/db/schema-needs.ts'
import { newId } from '../core/ids.ts'
import { fetchLane } from '../workers/fetch-lane.ts'
import { processJob } from '../workers/process-job.ts'
import { houseChores } from '../workers/upkeep/chores.ts'
import { findLost } from '../workers/upkeep/find-lost.ts'
import { relay } from '../workers/upkeep/relay.ts'
import { startTimetable } from '../workers/upkeep/timetable.ts'
import { testDatabase } from './setup/database.ts'
import { addTask, onlyHandlers, readTask, type TestHouse, testHouse, waitingAsset } from './setup/house.ts'
import { main, startProcess } from './setup/live-house.ts'
import { tempFolder } from './setup/temp-folder.ts'

/** A database that a version of the future has migrated; `least` is the oldest that may still use it. */
async function migratedByTheFuture(least?: number): Promise<string> {
  const { url } = await testDatabase()
  const db = openDatabase({ url, name: 'test', connections: 1, onError: () => undefined })
  await sql`INSERT INTO kysely_migration (name, timestamp) VALUES ('9998-adds-something', '')`.execute(db)
  if (least !== undefined)
    await sql`UPDATE schema_needs SET least = ${least}, since = '9998-takes-something'`.execute(db)
  await db.destroy()
  return url
}

describe('a schema that a newer version has migrated', () => {
  it('is used as it is, as long as that only added to it', async () => {
    const url = await migratedByTheFuture()
    expect(await migrateToLatest({ url })).toEqual([])
    expect(await migrateToLatest({ url: await migratedByTheFuture(9) })).toEqual([])
  })

  it('that took something away is refused, with what to do', async () => {
    const url = await migratedByTheFuture(9998)
    await expect(migrateToLatest({ url })).rejects.toThrow(SchemaTooNew)
    const env = { DATABASE_URL: url, QUEUE_URL: url, AUTH: 'none', PORT: '0', SCRATCH_DIR: await tempFolder() }
    const started = ['worker', 'api'].map((command) => startProcess({ args: [main, command], env }))
    for (const { ended, log } of started) {
      expect(await ended).toBe(1)
      expect(log()).toMatch(/changed by a newer version of Sluice \(9998-takes-something\).*Start the newer version/s)
    }
  })
})

describe('a task of a kind that only a newer version knows', () => {
  let house: TestHouse
  const closing = new AbortController().signal
  beforeAll(async () => {
    house = await testHouse()
  })

  /** Such a row, as a newer version writes it. */
  async function foreign(queue: string): Promise<string> {
    const { asset } = await waitingAsset(house)
    const id = newId()
    const common = { params: '{}', queue_priority: 1, weight: 1, status: 'pending' as const }
    await house.db
      .insertInto('tasks')
      .values({ id, asset_id: asset.id, generation: 1, key: 'dream:1', queue, ...common })
      .execute()
    return id
  }
  const untouched = { status: 'pending', attempt: 0, failures: 0, crashes: 0 }

  it('stays with the queue for others, and burns no attempt', async () => {
    const taskId = await foreign('video')
    const job = { data: { taskId }, attemptsMade: 0, stalledCounter: 0, moveToDelayed: vi.fn() }
    const run = processJob({ house, job: job as never, token: 'x', handlers: onlyHandlers({}), closing })
    await expect(run).rejects.toMatchObject({ name: 'DelayedError' })
    const [until] = job.moveToDelayed.mock.calls[0] ?? []
    expect(until - Date.now()).toBeGreaterThan(1_000)
    expect(await readTask(house, taskId)).toMatchObject(untouched)
  })

  it('is not taken by the lane of addresses either', async () => {
    const taskId = await foreign('fetch')
    const lane = fetchLane(house)
    for (let claimed = await lane.claim(); claimed !== undefined; claimed = await lane.claim())
      expect(claimed.task.id).not.toBe(taskId)
    expect(await readTask(house, taskId)).toMatchObject(untouched)
    expect(await lane.comeAgainMs()).toBeUndefined()
  })

  it('keeps nobody else from being sent, on a queue that there is not yet', async () => {
    const unknown = await foreign('dreams')
    const { taskId } = await waitingAsset(house)
    await relay({ db: house.db, sender: house.sender })
    expect((await readTask(house, taskId)).enqueued_at).not.toBeNull()
    expect(await readTask(house, unknown)).toMatchObject({ ...untouched, enqueued_at: null })
  })

  it('is not sent again and again by those who do not know it', async () => {
    const taskId = await foreign('video')
    await house.db
      .updateTable('tasks')
      .set({ enqueued_at: new Date(0), run_after: new Date(0) })
      .where('id', '=', taskId)
      .execute()
    await findLost({ db: house.db, sender: house.sender, quietMs: 0 })
    expect(await readTask(house, taskId)).toMatchObject({ ...untouched, pushes: 0 })
  })

  it('and what is known goes on beside it', async () => {
    const { asset } = await waitingAsset(house)
    const task = await addTask(house, { assetId: asset.id, key: 'inspect', params: { ofTheFuture: [1] } })
    const timetable = startTimetable({ chores: houseChores({ house, sender: house.sender }), log: house.log })
    const handlers = onlyHandlers({ inspect: async () => ({ result: null }) })
    const worker = house.queue.worker(
      'intake',
      (job, token) => processJob({ house, job, token, handlers, closing }),
      {},
    )
    await vi.waitFor(
      async () => expect(await readTask(house, task?.taskId ?? '')).toMatchObject({ status: 'done' }),
      20_000,
    )
    await Promise.all([worker.close(), timetable.stop()])
  })
})
