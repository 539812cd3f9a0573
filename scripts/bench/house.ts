import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { nodeFlags } from '../../cli/node-flags.ts'
import { Sluice } from '../../client/index.ts'
import { freePort } from '../../core/db/embedded/free-port.ts'
import { openEmbedded } from '../../core/db/embedded/open.ts'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import type { QueueName } from '../../core/task-kinds.ts'
import { findCommand } from '../servers/find-command.ts'

const main = fileURLToPath(new URL('../../cli/sluice.js', import.meta.url))

export type BenchHouse = AsyncDisposable & {
  client: Sluice
  url: string
  databaseUrl: string
  media: string
  scratch: string
  pids: { api: number; postgres: number; workers: number[] }
  /** One more worker, for as long as it is wanted. */
  worker(options: WorkerOptions): Promise<AsyncDisposable>
}

/** `core` pins a worker, and every ffmpeg that it starts, to that one; without `queues` it takes from all. */
export type WorkerOptions = { core?: number; queues?: QueueName[] }

type Options = {
  folder: string
  /** One process each. */
  workers?: WorkerOptions[]
  env?: Record<string, string>
  stop: AbortSignal
}

/** The whole house as `up` starts it: Postgres that waits for the disk, an API process, worker processes. */
export async function openHouse({ folder, workers = [{}], env: more = {}, stop }: Options): Promise<BenchHouse> {
  await using parts = new AsyncDisposableStack()
  const postgres = await openEmbedded({ dataDir: `${folder}/data`, tied: true })
  parts.defer(() => postgres.stop())
  const port = await freePort()
  const [media, scratch, url] = [`${folder}/media`, `${folder}/scratch`, `http://127.0.0.1:${port}`]
  const env = {
    ...process.env,
    ...{ DATABASE_URL: postgres.url, QUEUE_URL: postgres.url, AUTH: 'none', PORT: String(port), LOG_LEVEL: 'warn' },
    ...{ STORAGE_DIR: media, SCRATCH_DIR: scratch, MAX_FORM_BYTES: '50GiB', MALLOC_ARENA_MAX: '2' },
    ...more,
  }
  const log = `${folder}/processes.log`
  const node = [process.execPath, ...nodeFlags, main]
  const api = parts.adopt(await startProcess({ argv: [...node, 'api'], env, log }), stopProcess)
  await waitUntil({ what: `the API (its log: ${log})`, timeoutMs: 120_000, signal: stop, ask: () => isUp(url) })
  const worker = async ({ core, queues }: WorkerOptions) => {
    const only = queues ? ['--queues', queues.join(',')] : []
    const child = await startProcess({ argv: [...pinned(core), ...node, 'worker', ...only], env, log })
    // It says so over its channel.
    await once(child, 'message', { signal: AbortSignal.any([stop, AbortSignal.timeout(120_000)]) })
    return child
  }
  const started: ChildProcess[] = []
  for (const one of workers) started.push(parts.adopt(await worker(one), stopProcess))
  const pids = { api: api.pid ?? 0, postgres: postgres.pid, workers: started.map(({ pid }) => pid ?? 0) }
  const held = parts.move()
  const dispose = () => held.disposeAsync()
  const oneMore = async (options: WorkerOptions) => {
    const child = await worker(options)
    return { [Symbol.asyncDispose]: () => stopProcess(child) }
  }
  const client = new Sluice({ url, retries: 0 })
  return {
    client,
    url,
    databaseUrl: postgres.url,
    media,
    scratch,
    pids,
    worker: oneMore,
    [Symbol.asyncDispose]: dispose,
  }
}

function pinned(core: number | undefined): string[] {
  if (core === undefined) return []
  const taskset = findCommand('taskset')
  if (taskset === undefined) throw new Error('taskset is missing: apt install util-linux')
  return [taskset, '--cpu-list', String(core)]
}

const isUp = (url: string) =>
  fetch(`${url}/ready`).then(
    (answer) => answer.ok || undefined,
    () => undefined,
  )

/** A process in a group of its own. It leaves by itself when we are gone, because its channel closes. */
async function startProcess({ argv, env, log }: { argv: string[]; env: NodeJS.ProcessEnv; log: string }) {
  await using file = await open(log, 'a')
  const [command = '', ...args] = argv
  const child = spawn(command, args, { env, detached: true, stdio: ['ignore', file.fd, file.fd, 'ipc'] })
  await once(child, 'spawn')
  return child
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 15_000)
  // An open channel would keep a process that is done from ending.
  const hangUp = setTimeout(() => child.connected && child.disconnect(), 250)
  await ended
  clearTimeout(hard)
  clearTimeout(hangUp)
}
