import { beforeAll, describe, expect, it } from 'vitest'
import { createBatch } from '../core/db/batches.ts'
import { newId } from '../core/ids.ts'
import { runCli } from './setup/cli.ts'
import { type TestHouse, testHouse, waitingAsset } from './setup/house.ts'

let house: TestHouse
let env: Record<string, string>
beforeAll(async () => {
  house = await testHouse()
  env = { DATABASE_URL: house.databaseUrl, STORAGE_DIR: house.config.STORAGE_DIR }
})

const resume = (id: string, ...args: string[]) => runCli(['reprocess', '--resume', id, ...args], { env })

describe('sluice reprocess --resume', () => {
  it('says with --dry-run how much is left, and changes nothing', async () => {
    for (let made = 0; made < 3; made++) {
      const { asset } = await waitingAsset(house)
      await house.db.updateTable('assets').set({ status: 'ready' }).where('id', '=', asset.id).execute()
    }
    const wishes = { canary: 0, maxFailures: 10 }
    const { id } = await createBatch(house.db, { selection: { status: ['ready'] }, mixed: false, wishes })
    const one = house.db.updateTable('batch_items').where('batch_id', '=', id).where('number', '=', 1)
    await one.set({ status: 'failed', code: 'source_gone' }).execute()
    await house.db.updateTable('batches').set({ status: 'stopped' }).where('id', '=', id).execute()
    const rows = () =>
      Promise.all(
        (['batches', 'batch_items', 'assets', 'tasks'] as const).map((table) =>
          house.db.selectFrom(table).selectAll().execute(),
        ),
      )
    const before = await rows()
    const json = async (...more: string[]) => JSON.parse((await resume(id, '--dry-run', '--json', ...more)).out)
    const said = { event: 'counted', dryRun: true, batch: id, started: 0, done: 0, skipped: 0 }
    expect(await json()).toEqual({ ...said, assets: 2, waiting: 2, failed: 1 })
    expect(await json('--retry')).toEqual({ ...said, assets: 3, waiting: 3, failed: 0 })
    const { code, out } = await resume(id, '--dry-run')
    expect([code, out]).toEqual([0, '0 assets made anew; 1 failed, and is as before; 2 to go\n'])
    expect(await rows()).toEqual(before)
  })

  it.each([['--ids', '-'], ['--older-pipeline']])(
    'takes no %s %s, for what it is of was chosen when it was begun',
    async (...args) => {
      const { code, out, err } = await resume(newId(), ...args)
      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(`error: ${args[0]} does not go with --resume`)
    },
  )
})
