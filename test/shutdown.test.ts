import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as rest } from 'node:timers/promises'
import pg from 'pg'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { waitUntil } from '../core/db/embedded/wait-until.ts'
import { LeaseLost } from '../core/db/task-run.ts'
import type { Handler } from '../workers/house.ts'
import { runTask } from '../workers/run-task.ts'
import { atEnd } from './setup/at-end.ts'
import { testDatabase } from './setup/database.ts'
import { onlyHandlers, readTask, type TestHouse, testHouse, waitingAsset } from './setup/house.ts'
import { main, startProcess } from './setup/live-house.ts'
import { tempFolder } from './setup/temp-folder.ts'

async function surroundings() {
  const [{ url }, folder] = await Promise.all([testDatabase(), tempFolder()])
  const where = { STORAGE_DIR: `${folder}/media`, SCRATCH_DIR: `${folder}/scratch` }
  return {
    url,
    folder,
    env: { DATABASE_URL: url, QUEUE_URL: url, AUTH: 'none', PORT: '0', LOG_LEVEL: 'info', ...where },
  }
}

describe('a worker that closes', () => {
  let house: TestHouse
  beforeAll(async () => {
    house = await testHouse()
  })

  it('hands back also what does not hear that it should end, and lets it write nothing any more', async () => {
    const { taskId } = await waitingAsset(house)
    const [closing, leaving] = [new AbortController(), new AbortController()]
    const later = Promise.withResolvers<unknown>()
    const deaf: Handler = async ({ bench, put }) => {
      const file = path.join(bench.scratch, 'late.jpg')
      await writeFile(file, 'late')
      closing.abort(new Error('the worker is closing'))
      leaving.abort(closing.signal.reason)
      await vi.waitFor(async () => expect(await readTask(house, taskId)).toMatchObject({ status: 'pending' }))
      // Its folder is gone by then as well.
      await rest(0)
      await put('thumbnails/small.jpg', file).then(later.resolve, later.resolve)
      return { result: 'too late' }
    }
    const handlers = onlyHandlers({ fetch: deaf })
    const run = { house, taskId, handlers, closing: closing.signal, leaving: leaving.signal }
    expect(await runTask(run)).toEqual({ end: 'handed back' })
    const left = { status: 'pending', failures: 0, crashes: 0, enqueued_at: null, lease_until: null, result: null }
    expect(await readTask(house, taskId)).toMatchObject(left)
    expect(await later.promise).toBeInstanceOf(LeaseLost)
    expect(await readTask(house, taskId)).toMatchObject(left)
  })
})

describe('SIGTERM', () => {
  /** Makes whoever uses a table wait; resolves to the end of that. */
  async function locked(url: string, table: string) {
    const db = new pg.Client({ connectionString: url })
    await db.connect()
    atEnd(() => db.end())
    await db.query('BEGIN')
    await db.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`)
    // Tables of two databases may have the same number.
    const waiting = `SELECT count(DISTINCT pid)::int AS pids FROM pg_locks WHERE NOT granted AND relation = '${table}'::regclass
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
    return {
      waitedForBy: (processes: number) =>
        waitUntil({
          what: `${processes} processes that wait for ${table}`,
          timeoutMs: 30_000,
          ask: async () => (await db.query(waiting)).rows[0].pids >= processes || undefined,
        }),
      letGo: () => db.query('ROLLBACK'),
    }
  }

  it('during the start ends it in order, with nothing left behind', async () => {
    const { url, env, folder } = await surroundings()
    const lock = await locked(url, 'kysely_migration')
    const started = ['worker', 'api'].map((command) => startProcess({ args: [main, command], env }))
    await lock.waitedForBy(2)
    for (const each of started) each.kill('SIGTERM')
    await lock.letGo()
    for (const each of started) expect(await each.ended, each.log()).toBe(0)
    expect(started.map((each) => each.log()).join('')).not.toMatch(/takes tasks|listening/)
    const left = await readdir(`${folder}/scratch`).catch(() => [])
    expect(left.filter((name) => name.startsWith('worker'))).toEqual([])
  })

  it('ends what hangs when its grace time is over; twice, it ends soon', async () => {
    // Of one process, several connections may wait for a table: each has a database of its own, so that both are seen to.
    const worker = async (grace: string) => {
      const { url, env } = await surroundings()
      const process = startProcess({ args: [main, 'worker'], env: { ...env, STOP_GRACE: grace } })
      await waitUntil({
        what: 'a worker',
        timeoutMs: 30_000,
        ask: () => process.log().includes('worker takes tasks') || undefined,
      })
      // Its chores wait for it, and would for much longer than this test.
      const lock = await locked(url, 'tasks')
      await lock.waitedForBy(1)
      return process
    }
    const [soon, patient] = await Promise.all([worker('2s'), worker('10m')])
    soon.kill('SIGTERM')
    patient.kill('SIGTERM')
    expect(await soon.ended, soon.log()).toBe(0)
    patient.kill('SIGTERM')
    expect(await patient.ended, patient.log()).toBe(0)
    for (const each of [soon, patient]) await vi.waitFor(() => expect(each.log()).toContain('the process leaves'))
  })
})
