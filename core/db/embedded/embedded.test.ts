import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { query } from '../../../test/setup/postgres-desk.ts'
import { tempFolder } from '../../../test/setup/temp-folder.ts'
import { findBinaries } from './binaries.ts'
import { connectEmbedded } from './connect.ts'
import { holdDataFolder } from './holder.ts'
import { chooseLaunch } from './launch.ts'
import { openEmbedded } from './open.ts'
import { parsePidFile } from './postmaster.ts'
import { isRunning } from './processes.ts'
import { waitUntil } from './wait-until.ts'

const starter = fileURLToPath(new URL('../../../test/setup/embedded-starter.ts', import.meta.url))
const isRoot = process.getuid?.() === 0

/** A process that opens the folder and stays, to be killed. `argv` stands before node. */
async function startElsewhere(options: { dataDir: string; tied?: boolean; argv?: string[] }) {
  const [file = '', ...args] = [...(options.argv ?? []), process.execPath, starter, options.dataDir]
  const child = spawn(file, [...args, options.tied ? 'tied' : 'loose'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  const opened: { url: string; pid: number; adopted: boolean } = JSON.parse(String(line))
  return {
    ...opened,
    async kill() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

async function open(dataDir: string, options: { port?: number } = {}) {
  const server = await openEmbedded({ dataDir, ...options })
  onTestFinished(() => server.stop())
  return server
}

const gone = (pid: number) =>
  waitUntil({ what: 'its end', timeoutMs: 30_000, ask: async () => ((await isRunning(pid)) ? undefined : true) })

test('what was written is there after a stop and a new start', async () => {
  const dataDir = await tempFolder()
  const first = await open(dataDir)
  await query({ url: first.url, sql: 'create table kept as select 42 as answer' })
  await first.stop()
  expect(await first.isRunning()).toBe(false)
  const second = await open(dataDir)
  expect(await query({ url: second.url, sql: 'select answer from kept' })).toEqual([{ answer: 42 }])
})

test('it is durable, in UTF-8, on 127.0.0.1 alone, and wants its password, which only this user may read', async () => {
  const dataDir = await tempFolder()
  const { url } = await open(dataDir)
  const settings = ['fsync', 'full_page_writes', 'server_encoding', 'listen_addresses', 'unix_socket_directories']
  const rows = await query({
    url,
    sql: `select name, setting from pg_settings where name in ('${settings.join("','")}')`,
  })
  expect(Object.fromEntries(rows.map((row) => [row['name'], row['setting']]))).toEqual({
    fsync: 'on',
    full_page_writes: 'on',
    server_encoding: 'UTF8',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
  })
  await expect(query({ url: url.replace(/:[^:@]+@/, ':wrong@'), sql: 'select 1' })).rejects.toThrow('password')
  expect((await stat(join(dataDir, 'postgres-password'))).mode & 0o777).toBe(0o600)
})

test('a server whose starter was killed is adopted, with what was written, and can be stopped', async () => {
  const dataDir = await tempFolder()
  const orphan = await startElsewhere({ dataDir })
  await query({ url: orphan.url, sql: 'create table kept as select 42 as answer' })
  await orphan.kill()
  const adopted = await open(dataDir)
  expect(adopted).toMatchObject({ adopted: true, pid: orphan.pid, url: orphan.url })
  expect(await query({ url: adopted.url, sql: 'select answer from kept' })).toEqual([{ answer: 42 }])
  await adopted.stop()
  expect(await isRunning(orphan.pid)).toBe(false)
})

if (process.platform === 'linux')
  test('a server that is tied to its starter ends when that is killed', async () => {
    const tied = await startElsewhere({ dataDir: await tempFolder(), tied: true })
    await tied.kill()
    await gone(tied.pid)
  })

test('a pid file that a killed server left does not stop the next start, not even when its number lives on in a stranger', async () => {
  const dataDir = await tempFolder()
  const first = await open(dataDir)
  const pidFile = join(dataDir, 'postgres/postmaster.pid')
  const text = await readFile(pidFile, 'utf8')
  process.kill(first.pid, 'SIGKILL')
  await gone(first.pid)
  const second = await open(dataDir)
  expect(second.adopted).toBe(false)
  await second.stop()
  await writeFile(pidFile, text.replace(/^\d+/, String(process.ppid)))
  const third = await open(dataDir)
  expect(await query({ url: third.url, sql: 'select 1 as one' })).toEqual([{ one: 1 }])
})

test('two first starts at once end up on one server', async () => {
  const dataDir = await tempFolder()
  const [one, two] = await Promise.all([startElsewhere({ dataDir }), startElsewhere({ dataDir })])
  expect(one.url).toBe(two.url)
  expect([one.adopted, two.adopted].sort()).toEqual([false, true])
  await Promise.all([one.kill(), two.kill()])
  await (await open(dataDir)).stop()
})

test('a start that was killed while it set up the folder is cleared away', async () => {
  const dataDir = await tempFolder()
  await writeFile(join(dataDir, 'postgres.new-999999999'), 'half a cluster')
  await open(dataDir)
  await expect(stat(join(dataDir, 'postgres.new-999999999'))).rejects.toThrow('ENOENT')
})

describe('the lock of the data folder', () => {
  test('has one holder, who is named to the second one, and is free when the holder lets go', async () => {
    const { url } = await open(await tempFolder())
    const first = await holdDataFolder({ url, address: 'http://127.0.0.1:3000' })
    const holder = { pid: process.pid, address: 'http://127.0.0.1:3000' }
    expect(await holdDataFolder({ url, address: 'http://127.0.0.1:4000' })).toEqual({ holder })
    if ('held' in first) await first.held.release()
    const third = await holdDataFolder({ url, address: 'http://127.0.0.1:5000' })
    expect(third).toHaveProperty('held')
    if ('held' in third) await third.held.release()
  })

  test('is told to its holder when it is lost', async () => {
    const server = await open(await tempFolder())
    const answer = await holdDataFolder({ url: server.url, address: 'http://127.0.0.1:3000' })
    if (!('held' in answer)) throw new Error('not held')
    const lost = new Promise((resolve) => answer.held.onLost(resolve))
    await server.stop()
    expect(await lost).toBeInstanceOf(Error)
  })
})

describe('commands without a database of their own', () => {
  test('start one, share it, and the last one out stops it, whoever started it', async () => {
    const dataDir = await tempFolder()
    const first = await connectEmbedded({ dataDir })
    const second = await connectEmbedded({ dataDir })
    expect(second.url).toBe(first.url)
    await first.release()
    expect(await query({ url: second.url, sql: 'select 1 as one' })).toEqual([{ one: 1 }])
    await second.release()
    await expect(query({ url: second.url, sql: 'select 1' })).rejects.toThrow()
  })

  test('leave a server alone that an `up` holds', async () => {
    const dataDir = await tempFolder()
    const server = await open(dataDir)
    const answer = await holdDataFolder({ url: server.url, address: 'http://127.0.0.1:3000' })
    const command = await connectEmbedded({ dataDir })
    await command.release()
    expect(await server.isRunning()).toBe(true)
    if ('held' in answer) await answer.held.release()
  })
})

test('the pid file is read as Postgres writes it, and half a one is no postmaster', () => {
  const whole = '71\n/data\n1700000000\n5433\n\n127.0.0.1\n  123 4\nready   \n'
  expect(parsePidFile(whole)).toEqual({ pid: 71, port: 5433, status: 'ready' })
  expect(parsePidFile('71\n/data\n')).toEqual({ pid: 71, port: undefined, status: 'starting' })
  expect(parsePidFile('')).toBeUndefined()
})

test('data of another major version is refused with a word on what is needed', async () => {
  const dataDir = await tempFolder()
  const uid = process.getuid?.() ?? -1
  const chosen = chooseLaunch({ dataDir, binaries: await findBinaries(), wanted: 9, uid })
  await expect(chosen).rejects.toThrow('No Postgres 9 can be run')
})

if (isRoot) {
  // Root starts Postgres as somebody else, who must reach the folder and the binaries; other users' way is every test above.
  test('as root, below a home that nobody else may enter', async () => {
    const home = await tempFolder(0o700)
    const first = await open(join(home, 'app/.sluice'))
    await query({ url: first.url, sql: 'create table kept as select 42 as answer' })
    await first.stop()
    const second = await open(join(home, 'app/.sluice'))
    expect(await query({ url: second.url, sql: 'select answer from kept' })).toEqual([{ answer: 42 }])
  })

  test('as root, where the folder was moved from an open place to a closed one', async () => {
    const place = await tempFolder(0o755)
    const first = await open(place)
    await query({ url: first.url, sql: 'create table kept as select 42 as answer' })
    await first.stop()
    await chmod(place, 0o700)
    const second = await open(place)
    expect(await query({ url: second.url, sql: 'select answer from kept' })).toEqual([{ answer: 42 }])
    await second.stop()
    await rm(join(place, 'postgres'), { recursive: true })
  })
}
