import { mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError, loadConfig, publicUrl } from '../../core/config.ts'
import { freePort } from '../../core/db/embedded/free-port.ts'
import { keptSecret } from '../../core/db/embedded/kept-secret.ts'
import { migrateToLatest } from '../../core/db/migrate.ts'
import { aborted, listenForStop } from '../../core/stop-signal.ts'
import { keepRunning } from './child.ts'
import { childEnvironment, forWorker } from './child-environment.ts'
import { whoHasPort } from './port.ts'
import { waitUntilReady } from './ready.ts'
import { openUpDatabase } from './up-database.ts'

type Environment = Record<string, string | undefined>

export type UpOptions = {
  port?: number | undefined
  /** The data folder. */
  data?: string | undefined
  workers?: number | undefined
  /** The process environment over `.env`; its processes get it with what `up` decides on top. */
  env: Environment
  /** The file that takes the commands `api` and `worker`. */
  main?: string
}

const graceMs = 15_000

/** Starts everything on one machine, keeps it running until it is told to stop, and says how it went as an exit code. */
export async function runUp(options: UpOptions): Promise<number> {
  const stopping = listenForStop()
  try {
    return await supervise({ ...options, ...stopping })
  } catch (error) {
    if (stopping.stop.aborted && stopping.stop.reason === error) return 0
    if (!(error instanceof UpError) && !(error instanceof ConfigError)) throw error
    say(error.message)
    return 1
  } finally {
    stopping.release()
  }
}

/** A reason not to start that the person at the terminal can do something about. */
class UpError extends Error {
  override readonly name = 'UpError'
}

type Running = UpOptions & { stop: AbortSignal; hurry: AbortSignal }

async function supervise(options: Running): Promise<number> {
  const dataDir = await makeDataDir(options.data ?? '.sluice')
  const signingSecret = await keptSecret(join(dataDir, 'signing-secret'))
  const settle = (databaseUrl: string, port: number) =>
    childEnvironment({ env: options.env, dataDir, databaseUrl, port, signingSecret })
  const givenUrl = options.env['DATABASE_URL'] || undefined
  // Wrong settings are named before anything is started.
  const { HOST: host, PORT } = loadConfig({ ...settle(givenUrl ?? 'postgres://up', 0), PORT: options.env['PORT'] })
  const port = (options.port ?? PORT) || (await freePort())
  const address = publicUrl({ PUBLIC_URL: undefined, HOST: host, PORT: port })

  await using closing = new AsyncDisposableStack()
  const taken = new AbortController()
  say(givenUrl === undefined ? 'starting the database …' : 'connecting to the database of DATABASE_URL …')
  const opened = await openUpDatabase({
    dataDir,
    address,
    givenUrl,
    say,
    stop: options.stop,
    onTaken: (holder) => taken.abort(holder),
  })
  if ('holder' in opened)
    throw new UpError(`${dataDir} is in use: process ${opened.holder.pid} serves it at ${opened.holder.address}`)
  closing.defer(() => opened.database.close())
  options.stop.throwIfAborted()
  const owner = await whoHasPort({ host, port })
  if (owner) throw new UpError(`port ${port} of ${host} is taken: ${owner}. Choose another one with --port`)
  await migrateToLatest({ url: opened.database.url })
  options.stop.throwIfAborted()

  const env = settle(opened.database.url, port)
  say(`starting the API and ${options.workers ?? 1} worker${options.workers === 1 || !options.workers ? '' : 's'} …`)
  const children = await startChildren({ ...options, env, logDir: join(dataDir, 'logs') })
  closing.defer(async () => {
    say('stopping …')
    await Promise.all(children.map((child) => child.stop({ graceMs, hurry: options.hurry })))
  })
  const ready = await waitUntilReady({ address, children, stop: options.stop })
  if (typeof ready === 'object')
    throw new UpError(`${ready.dying.name} does not start:\n${ready.dying.lastLines().join('\n')}`)
  if (ready === 'ready') {
    process.stdout.write(`sluice is up at ${address}\n`)
    say(`data in ${dataDir}, logs in ${join(dataDir, 'logs')}; Ctrl-C stops it`)
  }
  await aborted(AbortSignal.any([options.stop, taken.signal]))
  if (!taken.signal.aborted) return 0
  say(`${dataDir} was taken by another process while its database was away`)
  return 1
}

async function startChildren(options: Running & { logDir: string }) {
  const main = options.main ?? fileURLToPath(new URL('../sluice.js', import.meta.url))
  const workers = Array.from({ length: options.workers ?? 1 }, (_, index) => ({
    name: `worker-${index + 1}`,
    args: [main, 'worker'],
    env: forWorker(options.env, index),
  }))
  const { env, logDir } = options
  const wanted = [{ name: 'api', args: [main, 'api'], env }, ...workers]
  return Promise.all(wanted.map((child) => keepRunning({ ...child, logDir, say })))
}

async function makeDataDir(wanted: string): Promise<string> {
  await mkdir(wanted, { recursive: true })
  return realpath(wanted)
}

/** Standard output is for the one line that programs wait for. */
function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
