import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../core/db/open.ts'
import { newId } from '../core/ids.ts'
import { plainImage } from '../fixtures/images.ts'
import { atEnd } from './setup/at-end.ts'
import { runCli, watchCli } from './setup/cli.ts'
import { copyAsset } from './setup/copied-assets.ts'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'

const pictures = 24
let house: LiveHouse
let db: Database
let env: Record<string, string>
let ids: string[]

beforeAll(async () => {
  house = await liveHouse({ quick: true })
  env = { DATABASE_URL: house.databaseUrl, STORAGE_DIR: `${house.folder}/media` }
  db = openDatabase({ url: house.databaseUrl, name: 'test', onError: () => undefined })
  atEnd(() => db.destroy())
  await house.worker()
  const png = new Blob([new Uint8Array(await plainImage({ width: 8, height: 8, color: 'teal', format: 'png' }))])
  const { id } = await house.client.uploadFile(png, { profile: 'rehost', filename: 'a.png' })
  await house.client.waitUntilReady(id, { everyMs: 100 })
  ids = [id, ...(await copyAsset(db, { id, times: pictures - 1 }))]
})

const generations = async () =>
  (await db.selectFrom('assets').select(['generation', 'target_generation', 'status']).execute()).map(
    (row) => `${row.status} ${row.generation}/${row.target_generation}`,
  )
const batchOf = (lines: Record<string, unknown>[]) => String(lines.find(({ event }) => event === 'begun')?.['batch'])

describe('sluice reprocess', () => {
  it('killed half-way and gone on with by two at once makes each anew exactly once, and old addresses answer all the while', async () => {
    const [asset] = await Promise.all(ids.slice(0, 1).map((id) => house.client.asset(id)))
    const address = asset?.images[0]?.url ?? ''
    const first = watchCli(['reprocess', '--json', '--concurrency', '4'], { env })
    await first.saw(({ event, done }) => event === 'progress' && Number(done) >= pictures / 4)
    first.kill('SIGKILL')
    await first.ended
    const batch = batchOf(first.lines)
    const left = await db.selectFrom('batch_items').select('status').where('batch_id', '=', batch).execute()
    expect(left.filter(({ status }) => status === 'waiting').length).toBeGreaterThan(0)
    const resume = ['reprocess', '--json', '--resume', batch]
    const both = [watchCli(resume, { env }), watchCli(resume, { env })]
    let over = false
    const ends = Promise.all(both.map(({ ended }) => ended)).finally(() => {
      over = true
    })
    while (!over) {
      expect((await fetch(address)).status).toBe(200)
      await Promise.race([ends, pause(100)])
    }
    expect(await ends).toEqual([0, 0])
    expect(await generations()).toEqual(Array(pictures).fill('ready 2/2'))
    for (const { lines } of both)
      expect(lines.at(-1)).toMatchObject({ event: 'ended', end: 'done', done: pictures, failed: 0, waiting: 0 })
    const again = await db
      .selectFrom('tasks')
      .select('asset_id')
      .where('key', '=', 'inspect')
      .where('generation', '>', 1)
      .execute()
    expect(new Set(again.map((row) => row.asset_id)).size).toBe(again.length)
  })

  it('counts and estimates, and changes nothing, with --dry-run', async () => {
    const before = await generations()
    const json = JSON.parse((await runCli(['reprocess', '--dry-run', '--json', '--kind', 'image'], { env })).out)
    expect(json).toMatchObject({ event: 'counted', dryRun: true, assets: pictures, byKind: [{ kind: 'image' }] })
    expect(json.estimate.workSeconds).toBeGreaterThan(0)
    const { out } = await runCli(['reprocess', '--dry-run', '--limit', '7'], { env })
    expect(out).toMatch(/^KIND +ASSETS +PLAYS +STORED\nimage +7 /)
    expect(out).toMatch(/Costs about .* of work, .* by the clock/)
    expect(out).not.toContain('\x1b')
    const some = await runCli(['reprocess', '--dry-run', '--ids', '-'], { env, input: `${ids[0]}\n${newId()}` })
    expect([some.out, some.err]).toEqual([
      expect.stringMatching(/\nimage +1 /),
      expect.stringMatching(/^1 id left out: /),
    ])
    expect(await generations()).toEqual(before)
    const none = [
      ['--kind', 'video'],
      ['--profile', 'default'],
      ['--created-before', '2020-01-01', '--external-id', 'x'],
      ['--status', 'failed'],
      ['--older-pipeline'],
    ]
    const ends = await Promise.all(none.map((filter) => runCli(['reprocess', '--dry-run', ...filter], { env })))
    expect(ends.map((end) => end.out)).toEqual(none.map(() => 'Nothing is like that.\n'))
  })

  it('stops itself when its canary fails, leaves what was ready as it was, and tries those again', async () => {
    const [broken = '', ...others] = ids.slice(0, 5)
    const gone = { source_key: null }
    const { source_key } = await db
      .selectFrom('assets')
      .select('source_key')
      .where('id', '=', broken)
      .executeTakeFirstOrThrow()
    await db.updateTable('assets').set(gone).where('id', '=', broken).execute()
    const wish = ['reprocess', '--json', '--canary', '5', '--ids', '-']
    const end = await runCli(wish, { env, input: [broken, ...others].join('\n') })
    expect(end.code).toBe(1)
    const last = JSON.parse(end.out.trim().split('\n').at(-1) ?? '')
    expect(last).toMatchObject({ end: 'failing', failed: 1, done: 4, failures: [{ code: 'source_gone', items: 1 }] })
    expect((await house.client.asset(broken)).status).toBe('ready')
    await db.updateTable('assets').set({ source_key }).where('id', '=', broken).execute()
    const [, ...resume] = String(last.resume).split(' ')
    expect((await runCli([...resume, '--retry'], { env })).out).toContain('5 assets made anew')
    expect((await house.client.asset(broken)).generation).toBe(3)
  })

  it('ends on Ctrl-C with the command that goes on, and keeps to its rate', async () => {
    const paced = watchCli(['reprocess', '--json', '--rate', '1/h', '--concurrency', '9'], { env })
    await paced.saw(({ event, done }) => event === 'progress' && done === 1)
    paced.kill('SIGINT')
    expect(await paced.ended).toBe(1)
    const batch = batchOf(paced.lines)
    const last = paced.lines.at(-1)
    expect(last).toMatchObject({
      event: 'ended',
      end: 'stopped',
      done: 1,
      resume: `sluice reprocess --resume ${batch}`,
    })
  })

  it.each([
    ['--status', 'great'],
    ['--rate', '0'],
    ['--max-failures', '101'],
    ['--created-before', 'yesterday'],
    ['--created-before', '2026-02-31'],
    ['--resume', 'x'],
    ['--ids', '/nowhere'],
    ['--retry'],
  ])('says what is wrong with %s %s, with exit code 2', async (...args) => {
    const { code, out, err } = await runCli(['reprocess', ...args], { env })
    expect([code, out]).toEqual([2, ''])
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})
