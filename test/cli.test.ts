import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { judgeRedis } from '../cli/doctor/check-servers.ts'
import { SluiceError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { privateObject } from '../core/storage/keys.ts'
import { plainImage } from '../fixtures/images.ts'
import { handlers } from '../workers/handlers.ts'
import { atEnd } from './setup/at-end.ts'
import { runCli } from './setup/cli.ts'
import { readAsset, type TestHouse, testHouse } from './setup/house.ts'
import { receivedAsset, runTasks } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'

let house: TestHouse
let folder: string
let env: Record<string, string>
let picture: string
beforeAll(async () => {
  folder = await tempFolder()
  picture = path.join(folder, 'red.png')
  await writeFile(picture, await plainImage({ width: 16, height: 9, color: 'red', format: 'png' }))
  house = await testHouse({ env: { SOURCE_DIRS: folder } })
  env = { DATABASE_URL: house.databaseUrl, STORAGE_DIR: house.config.STORAGE_DIR, SOURCE_DIRS: folder }
})

const cli = (...args: string[]) => runCli(args, { env, cwd: folder })
const json = async (...args: string[]) => JSON.parse((await cli(...args, '--json')).out)
const failing = {
  ...handlers,
  variants: async () => {
    throw new SluiceError('corrupt_media', { message: 'made to fail' })
  },
}

async function failedPicture(): Promise<string> {
  const id = await receivedAsset(house, picture, { profile: 'rehost' })
  await runTasks(house, id, failing)
  expect(await readAsset(house, id)).toMatchObject({ status: 'failed' })
  return id
}

describe('sluice status', () => {
  it('shows the house at a glance, and one asset with its tasks, to people and to programs', async () => {
    const id = await failedPicture()
    expect(await json('status')).toMatchObject({ workers: { living: 0 }, poisoned: 0, batches: [] })
    const { out } = await cli('status')
    expect(out).toMatch(/^ASSETS\nfailed +\d/)
    expect(out).toContain('No worker is there.')
    const one = await json('status', id)
    expect(one).toMatchObject({ id, status: 'failed', tenant: 'default', error: { code: 'corrupt_media' } })
    expect(one.tasks.map(({ key }: { key: string }) => key)).toContain('variants')
    expect((await cli('status', id)).out).toMatch(/variants +failed +1 .*corrupt_media/)
    expect((await cli('status', newId())).code).toBe(1)
    expect((await cli('status', 'x')).code).toBe(2)
  })
})

describe('sluice requeue', () => {
  it('gives failed assets new chances: what was made is kept, and what was removed since is made anew', async () => {
    const kept = await failedPicture()
    const removed = await failedPicture()
    await house.db.updateTable('assets').set({ tidied_at: new Date() }).where('id', '=', removed).execute()
    const dry = await json('requeue', kept, removed, '--dry-run')
    expect(dry).toEqual({ dryRun: true, assets: 2, byCode: [{ code: 'corrupt_media', assets: 2 }] })
    expect((await cli('requeue', '--code', 'encoder_failed', '--dry-run')).out).toBe('Nothing has failed.\n')
    expect(await json('requeue', kept, removed)).toEqual({ revived: 1, madeAnew: 1, refused: [] })
    for (const id of [kept, removed]) await runTasks(house, id)
    expect(await readAsset(house, kept)).toMatchObject({ status: 'ready', generation: 1 })
    expect(await readAsset(house, removed)).toMatchObject({ status: 'ready', generation: 2 })
  })

  it('says which it cannot help, with exit code 1', async () => {
    const id = await failedPicture()
    await house.db.updateTable('assets').set({ source_key: null, tidied_at: new Date() }).where('id', '=', id).execute()
    const { code, err } = await cli('requeue', id)
    expect([code, err]).toEqual([1, `${id} stays as it is: source_gone\n`])
  })
})

describe('sluice gc', () => {
  it('counts what nobody refers to, and removes it only with --yes', async () => {
    const id = await receivedAsset(house, picture, { profile: 'rehost' })
    await runTasks(house, id)
    const stray = `default/${id}/source/stray.png`
    await house.storage.put(stray, Buffer.from('stray'), privateObject)
    const old = new Date(Date.now() - 100_000_000)
    await house.db.updateTable('assets').set({ updated_at: old, tidied_at: null }).where('id', '=', id).execute()
    expect(await json('gc')).toEqual({ removed: false, assets: 1, objects: 1, bytes: 5 })
    expect((await cli('gc')).out).toBe('1 object, 5 B, of 1 asset\n')
    expect(await house.storage.head(stray)).toBeDefined()
    expect(await json('gc', '--yes')).toMatchObject({ removed: true, objects: 1 })
    expect(await house.storage.head(stray)).toBeUndefined()
    expect(await json('gc')).toMatchObject({ objects: 0 })
  })

  it('says what it could not remove, with exit code 1', async () => {
    const id = await receivedAsset(house, picture, { profile: 'rehost' })
    await runTasks(house, id)
    const stray = `default/${id}/source/stray.png`
    await house.storage.put(stray, Buffer.from('stray'), privateObject)
    await sql
      .raw(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE OF tidied_at ON assets FOR EACH ROW WHEN (OLD.id = '${id}')
      EXECUTE FUNCTION refuse()`)
      .execute(house.db)
    const { code, out, err } = await cli('gc', '--yes', '--all')
    expect([code, out]).toEqual([1, expect.stringMatching(/: \d+ removed\n$/)])
    expect(err).toContain('1 could not be tidied')
    const told = await cli('gc', '--yes', '--all', '--json')
    expect(told.code).toBe(1)
    expect(JSON.parse(told.out)).toEqual({
      removed: false,
      assets: 1,
      objects: 1,
      bytes: 5,
      objectsRemoved: 0,
      failed: 1,
    })
    expect(await house.storage.head(stray)).toBeDefined()
    await sql`DROP FUNCTION refuse CASCADE`.execute(house.db)
    expect(await json('gc', '--yes', '--all')).toMatchObject({ removed: true, objectsRemoved: 1, failed: 0 })
    expect(await house.storage.head(stray)).toBeUndefined()
  })
})

describe('sluice adopt', () => {
  it('makes an asset of each file where it lies, once, and leaves out what is no media', async () => {
    const place = await tempFolder()
    for (const name of ['a.png', 'b c.png', 'sub/d.jpg', 'notes.txt', `default/${newId()}/source/ours.png`]) {
      const file = { contentType: 'image/png', cacheControl: 'no-store' }
      const { openLocalStorage } = await import('../core/storage/local.ts')
      const there = openLocalStorage({ driver: 'local', dir: place, publicUrl: '', signingSecret: '' })
      await there.put(name, await plainImage({ width: 8, height: 8, color: 'navy', format: 'png' }), file)
    }
    const there = { env: { ...env, SOURCE_DIRS: place } }
    const run = async (...args: string[]) => {
      const { out } = await runCli(['adopt', place, '--profile', 'rehost', '--json', ...args], there)
      return JSON.parse(out)
    }
    expect(await run('--dry-run')).toMatchObject({ dryRun: true, adopted: 3, known: 0, noMedia: 1, refused: [] })
    expect(await run('--limit', '2')).toMatchObject({ adopted: 2 })
    expect(await run()).toMatchObject({ adopted: 1, known: 2 })
    expect(await run()).toMatchObject({ adopted: 0, known: 3 })
    const rows = await house.db
      .selectFrom('assets')
      .select(['id', 'source_object', 'source_key', 'source_filename'])
      .where('source_type', '=', 'object')
      .execute()
    expect(rows.map((row) => row.source_filename).sort()).toEqual(['a.png', 'b c.png', 'd.jpg'])
    expect(rows.every((row) => row.source_key === null)).toBe(true)
  })

  it('refuses a folder that nobody may name, and a place that is none', async () => {
    const elsewhere = await tempFolder()
    await writeFile(path.join(elsewhere, 'a.png'), 'x')
    const { code, err } = await cli('adopt', elsewhere)
    expect([code, err]).toEqual([1, expect.stringContaining('source_not_allowed')])
    for (const place of ['/nowhere/at/all', 'https://example.com/', 's3://no_bucket!/'])
      expect((await cli('adopt', place)).code, place).not.toBe(0)
    expect((await cli('adopt', '/nowhere/at/all')).code).toBe(2)
  })
})

describe('every command', () => {
  it('goes quietly when its reader has left', async () => {
    const { main } = await import('./setup/live-house.ts')
    const { execFile } = await import('node:child_process')
    const command = `"${process.execPath}" "${main}" completion fish | head -n 1; echo "\${PIPESTATUS[0]}"`
    const out = await new Promise<string>((resolve) =>
      execFile('bash', ['-c', command], (_error, stdout, stderr) => resolve(stdout + stderr)),
    )
    expect(out.trim().split('\n')).toEqual([expect.stringContaining('complete -c sluice'), '0'])
  })

  it('completes in bash: the words are the commands and their options', async () => {
    const script = (await cli('completion', 'bash')).out
    const { execFile } = await import('node:child_process')
    const words = (line: string[]) =>
      new Promise<string[]>((resolve) => {
        const setting = `COMP_WORDS=(${line.join(' ')} ''); COMP_CWORD=${line.length}; _sluice; echo "\${COMPREPLY[@]}"`
        execFile('bash', ['-c', `${script}\n${setting}`], (_error, out) => resolve(out.trim().split(/\s+/)))
      })
    expect(await words(['sluice'])).toEqual(expect.arrayContaining(['up', 'reprocess', 'adopt', 'keys']))
    expect(await words(['sluice', 'reprocess'])).toEqual(expect.arrayContaining(['--canary', '--resume']))
    expect((await cli('completion', 'tcsh')).code).toBe(2)
  })
})

describe('sluice doctor', () => {
  it('looks at all that a process leans on, and says what is wrong where something is', async () => {
    const found = await json('doctor')
    expect(found.healthy).toBe(true)
    const names = found.findings.map(({ what }: { what: string }) => what)
    for (const name of ['ffmpeg', 'encoders', 'Postgres', 'clock', 'queue', 'storage', 'large objects', 'disk', 'room'])
      expect(names).toContain(name)
    const nowhere = { env: { ...env, STORAGE_DIR: `${picture}/below-a-file`, FFMPEG_PATH: '/nowhere/ffmpeg' } }
    const { code, out } = await runCli(['doctor'], nowhere)
    expect(code).toBe(1)
    expect(out).toMatch(/^bad +ffmpeg/m)
    expect(out).toMatch(/^bad +storage/m)
  })

  it('reads off a Redis what would lose jobs', () => {
    const info =
      'redis_version:6.0.1\r\nmaxmemory_policy:allkeys-lru\r\naof_enabled:0\r\nrdb_last_bgsave_status:err\r\n'
    expect(judgeRedis(info).map(({ is }) => is)).toEqual(['bad', 'bad', 'doubtful'])
    const good = 'redis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n'
    expect(judgeRedis(good).map(({ is }) => is)).toEqual(['good', 'good', 'good'])
  })
})

describe('sluice ingest', () => {
  it('sends a file, standard input and an address, each to the API that it is told', async () => {
    const app = await buildApp(house)
    atEnd(() => app.close())
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const there = { env: { ...env, SLUICE_URL: url, HOME: folder } }
    const file = await runCli(['ingest', picture, '--profile', 'rehost', '--json'], there)
    expect(JSON.parse(file.out)).toMatchObject({ profile: 'rehost', source: { filename: 'red.png', type: 'upload' } })
    const piped = await runCli(['ingest', '-', '--filename', 'x.txt'], { ...there, input: 'some bytes' })
    expect([piped.code, piped.out]).toEqual([0, expect.stringMatching(/^[0-9a-f-]{36}\n$/)])
    expect((await readAsset(house, piped.out.trim())).source_bytes).toBe(10)
    const address = await runCli(['ingest', 'https://example.com/a.jpg', '--external-id', 'mine', '--json'], there)
    expect(JSON.parse(address.out)).toMatchObject({ externalId: 'mine', source: { url: 'https://example.com/a.jpg' } })
    const refused = await runCli(['ingest', 'http://127.0.0.1:1/a.jpg'], there)
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('url_not_allowed')])
    expect((await runCli(['ingest', '/nowhere'], there)).code).toBe(2)
    expect((await cli('ingest', picture, '--data', `${folder}/none`)).err).toContain('no Sluice runs on')
  })
})

it('sluice bench measures this machine', async () => {
  const found = await json('bench', '--seconds', '1')
  for (const name of ['cores', 'encodesTimesRealTime', 'storesBytesPerSecond', 'commitMs'])
    expect(found[name], name).toBeGreaterThan(0)
})
