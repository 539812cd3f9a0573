import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { newId } from '../core/ids.ts'
import { type TestHouse, testHouse, waitingAsset } from './setup/house.ts'
import { moodyProxy } from './setup/moody-proxy.ts'
import { tempFolder } from './setup/temp-folder.ts'
import { runOnTerminal } from './setup/terminal.ts'

let house: TestHouse
let env: Record<string, string>
beforeAll(async () => {
  house = await testHouse()
  env = { DATABASE_URL: house.databaseUrl, STORAGE_DIR: house.config.STORAGE_DIR, HOME: await tempFolder() }
})

/** A cursor that was hidden is there again. */
const cursors = (shown: string) => ['\x1b[?25l', '\x1b[?25h'].map((sign) => shown.split(sign).length - 1)

it('a command that has nothing to do, or cannot do it, ends on a terminal as it does for a program', async () => {
  const ends = [
    { args: ['reprocess', '--dry-run'], code: 0, says: 'Nothing is like that.' },
    { args: ['reprocess'], code: 0, says: 'Nothing is like that.' },
    { args: ['reprocess', '--resume', newId()], code: 1, says: 'there is no batch' },
  ]
  for (const { args, code, says } of ends) {
    const end = await runOnTerminal(args, { env })
    expect(end, args.join(' ')).toEqual({ code, shown: expect.stringContaining(says) })
    const [hidden, shown] = cursors(end.shown)
    expect(shown).toBe(hidden)
  }
})

it('a bar that was drawn before something failed is taken away, and the command ends', async () => {
  for (const tenant of ['default', 'a'.repeat(300)]) {
    const { asset } = await waitingAsset(house)
    await house.db.updateTable('assets').set({ tenant, status: 'failed' }).where('id', '=', asset.id).execute()
  }
  const end = await runOnTerminal(['gc', '--all'], { env })
  expect(end).toEqual({ code: 1, shown: expect.stringContaining('is not allowed') })
  expect(cursors(end.shown)).toEqual([1, 1])
})

it('a file that cannot be sent ends sluice ingest on a terminal', async () => {
  const file = path.join(await tempFolder(), 'a.png')
  await writeFile(file, 'x')
  const { url } = await moodyProxy('http://127.0.0.1:1', () => 'refuse')
  const end = await runOnTerminal(['ingest', file, '--url', url], { env: { ...env, HOME: file } })
  expect(end.code).toBe(1)
  const [hidden, shown] = cursors(end.shown)
  expect(shown).toBe(hidden)
})
