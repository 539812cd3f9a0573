import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { finishBatch, stopBatch } from '../core/db/batches.ts'
import { SluiceError } from '../core/errors.ts'
import { plainImage } from '../fixtures/images.ts'
import { handlers } from '../workers/handlers.ts'
import { runCli, watchCli } from './setup/cli.ts'
import { copyAsset } from './setup/copied-assets.ts'
import { type TestHouse, testHouse } from './setup/house.ts'
import { receivedAsset, runTasks } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'
import { waitingForLocks } from './setup/waiting-for-locks.ts'

/** No worker is here: what was begun ends when the test says so. */
let house: TestHouse
let env: Record<string, string>

beforeAll(async () => {
  house = await testHouse()
  env = { DATABASE_URL: house.databaseUrl, STORAGE_DIR: house.config.STORAGE_DIR }
  const file = path.join(await tempFolder(), 'red.png')
  await writeFile(file, await plainImage({ width: 8, height: 8, color: 'red', format: 'png' }))
  const id = await receivedAsset(house, file, { profile: 'rehost' })
  await runTasks(house, id)
  await copyAsset(house.db, { id, times: 4 })
})

const failing = {
  ...handlers,
  inspect: async () => {
    throw new SluiceError('corrupt_media', { message: 'made to fail' })
  },
}
const batchOf = (lines: Record<string, unknown>[]) => String(lines.find(({ event }) => event === 'begun')?.['batch'])

async function startedOf(batch: string): Promise<string[]> {
  const items = house.db.selectFrom('batch_items').select('asset_id').where('batch_id', '=', batch)
  const rows = await items.where('status', '=', 'started').orderBy('number').execute()
  return rows.map(({ asset_id }) => asset_id)
}

describe('a batch', () => {
  it('begins none but its canary before that has ended, whoever runs it, and ends for all who do when one finds that too many fail', async () => {
    const first = watchCli(['reprocess', '--json', '--canary', '2', '--concurrency', '9'], { env })
    await first.saw(({ started }) => started === 2)
    first.kill('SIGINT')
    expect(await first.ended).toBe(1)
    const batch = batchOf(first.lines)
    const goOn = () => watchCli(['reprocess', '--json', '--concurrency', '9', '--resume', batch], { env })
    const both = [goOn(), goOn()]
    await Promise.all(both.map((run) => run.saw(({ event }) => event === 'progress')))
    const [good = '', bad = ''] = await startedOf(batch)
    await runTasks(house, good)
    await runTasks(house, bad, failing)
    for (const run of both) {
      expect(await run.ended).toBe(1)
      expect(run.lines.at(-1)).toMatchObject({ end: 'failing', done: 1, failed: 1, started: 0, waiting: 3 })
    }
    // Somebody has looked, and goes on all the same.
    const third = goOn()
    await third.saw(({ started }) => started === 3)
    expect(await finishBatch(house.db, batch)).toBe(false)
    await stopBatch(house.db, batch, { reason: 'too many failed' })
    expect(await third.ended).toBe(1)
    expect(third.lines.at(-1)).toMatchObject({ event: 'ended', end: 'failing', started: 3 })
    for (const id of await startedOf(batch)) await runTasks(house, id)
  })

  it('sits out what passes, and says how to go on after what nobody foresaw', async () => {
    const run = watchCli(['reprocess', '--json', '--limit', '2', '--concurrency', '1'], { env })
    await run.saw(({ started }) => started === 1)
    const batch = batchOf(run.lines)
    const [one = ''] = await startedOf(batch)
    await house.db.transaction().execute(async (trx) => {
      await trx.selectFrom('batches').select('id').where('id', '=', batch).forUpdate().execute()
      await runTasks(house, one)
      await waitingForLocks(house.db, { many: 1, like: '%batches%' })
      await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(trx)
      expect(await run.saw(({ event }) => event === 'trouble')).toMatchObject({ code: 'unavailable', restSeconds: 1 })
    })
    await run.saw(({ done, started }) => done === 1 && started === 1)
    await sql`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN RAISE EXCEPTION 'nobody foresaw this'; END $$`.execute(house.db)
    await sql`CREATE TRIGGER refused BEFORE UPDATE ON batch_items EXECUTE FUNCTION refuse()`.execute(house.db)
    expect(await run.ended).toBe(1)
    const resume = `sluice reprocess --resume ${batch}`
    expect(run.lines.at(-1)).toEqual({ event: 'ended', batch, end: 'failed', code: 'internal', resume })
    await sql`DROP TRIGGER refused ON batch_items`.execute(house.db)
    for (const id of await startedOf(batch)) await runTasks(house, id)
    const { code, out } = await runCli(resume.split(' ').slice(1), { env })
    expect([code, out]).toEqual([0, '2 assets made anew\n'])
  })
})
