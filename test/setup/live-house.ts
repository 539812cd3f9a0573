import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { nodeFlags } from '../../cli/node-flags.ts'
import { Sluice } from '../../client/index.ts'
import { freePort } from '../../core/db/embedded/free-port.ts'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import { atEnd } from './at-end.ts'
import { testDatabase } from './database.ts'
import { tempFolder } from './temp-folder.ts'

export const main = fileURLToPath(new URL('../../cli/sluice.js', import.meta.url))
const quickWorker = fileURLToPath(new URL('./quick-worker.ts', import.meta.url))

export type LiveProcess = {
  pid: number
  kill(signal: NodeJS.Signals): void
  ended: Promise<number | NodeJS.Signals>
  log(): string
  /** On standard output. */
  said(): string
}

export type LiveHouse = {
  url: string
  databaseUrl: string
  folder: string
  client: Sluice
  api: LiveProcess
  worker(env?: Record<string, string>): Promise<LiveProcess>
  /** One more API process of the same house. */
  anotherApi(env?: Record<string, string>): Promise<{ url: string; api: LiveProcess }>
}

type Options = {
  queueUrl?: string
  env?: Record<string, string>
  /** Whether workers find out about the dead within seconds rather than a quarter of a minute. */
  quick?: boolean
}

/** An API process on a database and a folder of its own, and as many workers as a test wants: as in production, each killable. */
export async function liveHouse(options: Options = {}): Promise<LiveHouse> {
  const [{ url: databaseUrl }, folder] = await Promise.all([testDatabase(), tempFolder()])
  const env = {
    DATABASE_URL: databaseUrl,
    QUEUE_URL: options.queueUrl ?? databaseUrl,
    AUTH: 'none',
    STORAGE_DIR: `${folder}/media`,
    SCRATCH_DIR: `${folder}/scratch`,
    MALLOC_ARENA_MAX: '2',
    LOG_LEVEL: 'info',
    ...options.env,
  }
  const { url, api } = await startApi(env)
  return {
    ...{ url, databaseUrl, folder, api },
    client: new Sluice({ url, retries: 0 }),
    async worker(more = {}) {
      const worker = startProcess({
        args: options.quick ? [quickWorker] : [main, 'worker'],
        env: { ...env, PORT: new URL(url).port, ...more },
      })
      await waitUntil({
        what: 'a worker',
        timeoutMs: 30_000,
        ask: () => (worker.log().includes('worker takes tasks') ? true : undefined),
      })
      return worker
    },
    anotherApi: (more = {}) => startApi({ ...env, ...more }),
  }
}

async function startApi(env: Record<string, string>): Promise<{ url: string; api: LiveProcess }> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const api = startProcess({ args: [main, 'api'], env: { ...env, PORT: String(port) } })
  await waitUntil({
    what: `an API at ${url}: ${api.log()}`,
    timeoutMs: 30_000,
    ask: () =>
      fetch(`${url}/ready`).then(
        (answer) => (answer.ok ? true : undefined),
        () => undefined,
      ),
  })
  return { url, api }
}

/** Any process of ours, given what node is to run. Ended with the test file. */
export function startProcess({ args, env }: { args: string[]; env: Record<string, string> }): LiveProcess {
  const child = spawn(process.execPath, [...nodeFlags, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  let said = ''
  child.stdout.on('data', (data) => {
    said += data
  })
  child.stderr.on('data', (data) => {
    log += data
  })
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code ?? -1)),
  )
  atEnd(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { pid: child.pid ?? 0, kill: (signal) => child.kill(signal), ended, log: () => log, said: () => said }
}
