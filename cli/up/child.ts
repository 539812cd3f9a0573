import { type ChildProcess, spawn } from 'node:child_process'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { asErrno } from '../../core/db/embedded/errno.ts'
import { openLogFile } from '../../core/db/embedded/log-file.ts'
import { nodeFlags } from '../node-flags.ts'
import { followLog } from './child-log.ts'

export type ChildOptions = {
  name: string
  /** Arguments of node: the file, and the command. */
  args: string[]
  env: Record<string, string | undefined>
  logDir: string
  say: (line: string) => void
}

export type Child = {
  name: string
  /** Whether it has said `ready` over its channel since its last start. */
  saidReady(): boolean
  /** How often it ended without being asked to. */
  deaths(): number
  lastLines(): string[]
  /** SIGTERM once; SIGKILL to its whole group when time is up or `hurry` fires. */
  stop(options: { graceMs: number; hurry: AbortSignal }): Promise<void>
}

const longEnough = 60_000
const longestPause = 10_000

/** Keeps one process running: when it ends unasked it is started again, after pauses that grow while it keeps dying. */
export async function keepRunning(options: ChildOptions): Promise<Child> {
  const file = await openLogFile(join(options.logDir, `${options.name}.log`))
  const stopping = new AbortController()
  const state: State = { deaths: 0, ready: false, lastLines: () => [], child: undefined }
  const over = loop({ ...options, file, state, stopping: stopping.signal })
  return {
    name: options.name,
    saidReady: () => state.ready,
    deaths: () => state.deaths,
    lastLines: () => state.lastLines(),
    async stop({ graceMs, hurry }) {
      stopping.abort()
      const child = state.child
      child?.kill('SIGTERM')
      // An open channel would keep a process that is done from ending; closed at once it would be a second word to stop.
      const hangUp = setTimeout(() => child?.connected && child.disconnect(), 250)
      const kill = () => killGroup(child)
      const timer = setTimeout(kill, graceMs)
      hurry.addEventListener('abort', kill)
      if (hurry.aborted) kill()
      await over
      clearTimeout(timer)
      clearTimeout(hangUp)
      hurry.removeEventListener('abort', kill)
      await file.close()
    },
  }
}

type State = { deaths: number; ready: boolean; lastLines: () => string[]; child: ChildProcess | undefined }

async function loop(options: ChildOptions & { file: FileHandle; state: State; stopping: AbortSignal }): Promise<void> {
  const { state, stopping, say, name } = options
  let wait = 200
  while (!stopping.aborted) {
    const started = performance.now()
    const end = await runOnce(options)
    if (stopping.aborted) return
    state.deaths += 1
    wait = performance.now() - started > longEnough ? 200 : Math.min(wait * 2, longestPause)
    say(`${name} ended (${end}); starting it again in ${wait / 1000} s`)
    await pause(wait, undefined, { signal: stopping }).catch(() => undefined)
  }
}

function runOnce({ name, args, env, file, say, state }: Parameters<typeof loop>[0]): Promise<string> {
  // A group of its own: Ctrl-C in the terminal reaches only the supervisor, which then ends everybody in order.
  // The channel is how the process learns that the supervisor died: it is closed, and the process leaves.
  const child = spawn(process.execPath, [...nodeFlags, ...args], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null)
  const log = followLog({ name, streams, file, say })
  state.child = child
  state.lastLines = log.lastLines
  state.ready = false
  child.on('message', (message) => {
    state.ready ||= message === 'ready'
  })
  const lastWords = Promise.allSettled(streams.map((stream) => finished(stream)))
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    // Not 'close': that never comes once we have hung up, and not while a grandchild holds the streams either.
    child.once('exit', async (code, signal) => {
      await Promise.race([lastWords, pause(1_000, undefined, { ref: false })])
      resolve(signal ?? `exit ${code}`)
    })
  })
}

function killGroup(child: ChildProcess | undefined): void {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (asErrno(error) !== 'ESRCH') throw error
  }
}
