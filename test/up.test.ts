import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../core/db/embedded/free-port.ts'
import { openEmbedded } from '../core/db/embedded/open.ts'
import { waitUntil } from '../core/db/embedded/wait-until.ts'
import { processesOn, type SpawnedUp, spawnUp } from './setup/spawned-up.ts'
import { tempFolder } from './setup/temp-folder.ts'

/** Starts it on this folder; whatever becomes of the test, nothing of it is left. */
function start(options: { data: string; port: number; env?: Record<string, string> }): SpawnedUp {
  const { data, port, env = {} } = options
  const spawned = spawnUp({ args: ['--data', data, '--port', String(port)], env })
  onTestFinished(async () => {
    spawned.kill('SIGTERM')
    await spawned.ended
  })
  return spawned
}

const nothingRuns = (folder: string) =>
  waitUntil({
    what: 'the end of every process',
    timeoutMs: 30_000,
    ask: async () => ((await processesOn(folder)).length === 0 ? true : undefined),
  })

test('it starts, prints its one line, serves, and Ctrl-C ends all of it with exit code 0', async () => {
  const [data, port] = [await tempFolder(), await freePort()]
  const first = start({ data, port })
  const address = await first.up()
  expect(address).toBe(`http://127.0.0.1:${port}`)
  expect(first.stdout()).toBe(`sluice is up at http://127.0.0.1:${port}\n`)
  expect((await fetch(`${address}/ready`)).status).toBe(200)
  expect((await processesOn(data)).length).toBeGreaterThanOrEqual(4)
  first.kill('SIGINT')
  expect(await first.ended).toBe(0)
  expect(await processesOn(data)).toEqual([])
})

test('a second one on the same folder names the holder, exits 1, and leaves the first alone', async () => {
  const [data, port] = [await tempFolder(), await freePort()]
  const first = start({ data, port })
  const address = await first.up()
  const second = start({ data, port: await freePort() })
  expect(await second.ended).toBe(1)
  expect(second.stdout()).toBe('')
  expect(second.stderr()).toContain(`process ${first.pid} serves it at ${address}`)
  expect((await fetch(`${address}/ready`)).status).toBe(200)
})

test('after kill -9 its processes leave by themselves, and the next start takes hardly longer than the first', async () => {
  const [data, port] = [await tempFolder(), await freePort()]
  const took = async (spawned: SpawnedUp) => {
    const started = performance.now()
    await spawned.up()
    return performance.now() - started
  }
  const first = start({ data, port })
  const usually = await took(first)
  first.kill('SIGKILL')
  await first.ended
  const second = start({ data, port })
  // On a quiet machine, under five seconds; nobody waits for a lock that is never given back.
  expect(await took(second)).toBeLessThan(2 * usually + 5_000)
  second.kill('SIGKILL')
  await second.ended
  await nothingRuns(data)
})

test('a database that dies comes back on its own, and the API with it', async () => {
  const [data, port] = [await tempFolder(), await freePort()]
  const first = start({ data, port })
  const address = await first.up()
  const { pid } = await openEmbedded({ dataDir: data })
  process.kill(pid, 'SIGKILL')
  await waitUntil({
    what: 'the database',
    timeoutMs: 30_000,
    ask: () => (first.stderr().includes('the database is back') ? true : undefined),
  })
  await waitUntil({
    what: 'a ready API',
    timeoutMs: 30_000,
    ask: async () => ((await fetch(`${address}/ready`)).status === 200 ? true : undefined),
  })
})

test('a port that is taken is said in one line, with exit code 1, and nothing stays', async () => {
  const data = await tempFolder()
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  onTestFinished(() => {
    server.close()
  })
  const spawned = start({ data, port })
  expect(await spawned.ended).toBe(1)
  expect(spawned.stderr()).toContain(`port ${port} of 127.0.0.1 is taken`)
  expect(await processesOn(data)).toEqual([])
})

test('wrong settings are all named before anything is started', async () => {
  const data = join(await tempFolder(), 'data')
  const spawned = start({ data, port: await freePort(), env: { MAX_PIXELS: 'many', LOG_LEVEL: 'loud' } })
  expect(await spawned.ended).toBe(1)
  expect(spawned.stderr()).toContain('MAX_PIXELS')
  expect(spawned.stderr()).toContain('LOG_LEVEL')
  expect(spawned.stderr()).not.toContain('starting the database')
})
