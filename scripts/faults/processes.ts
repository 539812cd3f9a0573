import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { nodeFlags } from '../../cli/node-flags.ts'
import { freePort } from '../../core/db/embedded/free-port.ts'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'

const cli = fileURLToPath(new URL('../../cli/sluice.js', import.meta.url))
const worker = fileURLToPath(new URL('./worker-process.ts', import.meta.url))

export type Role = 'api' | 'worker'

/** A process of the house with a place of its own: whatever kills it, another takes the place. */
export type Place = {
  name: string
  role: Role
  url: string
  log: string
  pid(): number
  /** A kill by whomever, itself included: it is started again, as an orchestrator would. */
  deaths(): number
  kill(signal: NodeJS.Signals): void
  /** Ends it in good order, and starts it anew with these settings on top. */
  restart(more?: Record<string, string>): Promise<{ tookMs: number; code: number | string }>
  /** Whether it still runs with what `restart` gave it on top. */
  special(): boolean
  /** Runs and answers. */
  ready(): Promise<void>
  stop(): Promise<void>
}

type Options = {
  name: string
  role: Role
  folder: string
  env: Record<string, string>
  /** Timings as in production. */
  usual: boolean
  note: (text: string) => void
}

export async function openPlace({ name, role, folder, env, usual, note }: Options): Promise<Place> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const log = `${folder}/${name}.log`
  let [closing, deaths, special] = [false, 0, false]
  const retired = new Set<ChildProcess>()
  let child = await start({})
  let up = whenUp(child)
  let turn: Promise<unknown> = Promise.resolve()

  /** One start or end at a time, whoever wants it: a place has one process. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = turn.then(work, work)
    turn = done
    return done
  }

  async function start(more: Record<string, string>): Promise<ChildProcess> {
    const argv = role === 'api' ? [cli, 'api'] : usual ? [cli, 'worker'] : [worker]
    await using file = await open(log, 'a')
    const started = spawn(process.execPath, [...nodeFlags, ...argv], {
      env: { ...process.env, ...env, PORT: String(port), ...more },
      // A group of its own; it leaves by itself when we are gone, because its channel closes.
      detached: true,
      stdio: ['ignore', file.fd, file.fd, 'ipc'],
    })
    started.once('exit', (code, signal) => {
      if (closing || retired.has(started)) return
      deaths++
      note(`${name} ended (${signal ?? code}) and is started again`)
      void inTurn(() => again({}))
    })
    await once(started, 'spawn')
    return started
  }

  async function again(more: Record<string, string>): Promise<void> {
    if (closing) return
    special = Object.keys(more).length > 0
    child = await start(more)
    up = whenUp(child)
    // For whoever asks; nobody may.
    up.catch(() => undefined)
  }

  async function whenUp(started: ChildProcess): Promise<void> {
    // A worker says so over its channel.
    if (role === 'worker') return waitFor(started, once(started, 'message'))
    return waitFor(
      started,
      waitUntil({ what: `${name} (its log: ${log})`, timeoutMs: 60_000, everyMs: 50, ask: () => answers(url) }),
    )
  }

  return {
    ...{ name, role, url, log },
    pid: () => child.pid ?? 0,
    deaths: () => deaths,
    special: () => special,
    kill: (signal) => void child.kill(signal),
    restart: (more = {}) =>
      inTurn(async () => {
        retired.add(child)
        const began = performance.now()
        const code = await endOf(child)
        const tookMs = performance.now() - began
        await again(more)
        return { tookMs, code }
      }),
    async ready() {
      for (let seen: Promise<unknown> | undefined; seen !== turn; ) {
        seen = turn
        await turn
        await up
      }
    },
    async stop() {
      closing = true
      await turn
      await endOf(child)
    },
  }
}

/** Its end is no answer: whoever took its place will give one. */
async function waitFor(child: ChildProcess, up: Promise<unknown>): Promise<void> {
  const gone = once(child, 'exit')
  await Promise.race([up, gone])
  up.catch(() => undefined)
}

async function endOf(child: ChildProcess): Promise<number | string> {
  if (child.exitCode !== null || child.signalCode !== null) return child.signalCode ?? child.exitCode ?? -1
  const ended = once(child, 'exit')
  child.kill('SIGCONT')
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 25_000)
  // An open channel would keep a process that is done from ending.
  const hangUp = setTimeout(() => child.connected && child.disconnect(), 250)
  const [code, signal] = await ended
  clearTimeout(hard)
  clearTimeout(hangUp)
  return signal ?? code
}

const answers = (url: string) =>
  fetch(`${url}/live`, { signal: AbortSignal.timeout(2_000) }).then(
    (answer) => answer.ok || undefined,
    () => undefined,
  )
