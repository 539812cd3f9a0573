import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { SluiceError } from '../../core/errors.ts'
import { moveSession } from './move-session.ts'
import { tailOf } from './process-tail.ts'
import { wallClock } from './wall-clock.ts'

export type Stop = 'aborted' | 'wall' | 'output' | 'stalled'

export type Child = {
  /** Ends the whole group, politely first. The first reason wins. */
  stop(reason: Stop): void
  /** Holds the group still, and lets it go on. Its time by the clock is held with it. */
  pause(): void
  resume(): void
}

export type Ended = { code: number | null; signal: NodeJS.Signals | null; stopped?: Stop }

type Options = {
  argv: string[]
  cwd: string
  wallMs: number
  signal?: AbortSignal | undefined
  /** Bytes of standard output that are kept; more than that ends the child. Default: none is kept. */
  maxOutputBytes?: number
  /** Called for every piece of the child's fourth pipe (3). */
  onSide?: (text: string) => void
  /** Called for every piece of standard output, in place of keeping it. */
  onOutput?: (text: string) => void
  /** The same for what is not text. */
  onBytes?: (bytes: Buffer) => void
  /** Called for every piece of a fifth pipe (4), which is there only then. */
  onExtra?: (bytes: Buffer) => void
  /** Goes into the child's standard input. Whoever made it knows when it broke off; the child just sees its end. */
  input?: Readable
  onStart?: (child: Child) => void
  /** Hears when the child is held still, and when it goes on. */
  onHeld?: ((still: boolean) => void) | undefined
  /** Hears of it too, to hold it still now and then; what it gives back is called once the child is gone. */
  courtesy?: ((child: Child) => () => void) | undefined
  /** How far the child's whole session stands back on the processor. */
  nice?: number
}

const politeMs = 2000
const stderrBytes = 8192

/**
 * Owns one child and its group: started in a group and an environment of its own, ended on abort or past its time, its output bounded.
 * It never settles before the child is gone and its group has been sent away too.
 */
export async function runChild(options: Options): Promise<{ ended: Ended; stdout: Buffer; stderrTail: string }> {
  const { argv, cwd, wallMs, signal, maxOutputBytes = 0 } = options
  const [file = '', ...args] = argv
  signal?.throwIfAborted()
  const child = spawn(file, args, {
    cwd,
    detached: true,
    // Fewer malloc arenas: their address space is reserved by the thread, and counts against the limit.
    env: { LC_ALL: 'C', MALLOC_ARENA_MAX: '4' },
    stdio: [options.input ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe', ...(options.onExtra ? (['pipe'] as const) : [])],
  })
  const exited = exitOf(child)
  // Out of descriptors there is neither a child nor any pipe: all that comes is the error.
  if (child.stdio === undefined) {
    options.input?.destroy()
    await exited
  }
  const isGone = () => child.exitCode !== null || child.signalCode !== null
  if (child.pid !== undefined && options.nice !== undefined) moveSession({ pid: child.pid, nice: options.nice, isGone })
  // Heard below: until then nobody's business.
  exited.catch(() => undefined)
  const control = controlOf({ child, wallMs, onHeld: options.onHeld })
  const stdout = collect({
    from: child.stdout,
    max: maxOutputBytes,
    onText: options.onOutput,
    onBytes: options.onBytes,
    onFull: () => control.stop('output'),
  })
  const stderr = tailOf(stderrBytes)
  child.stderr?.on('data', (bytes: Buffer) => stderr.push(bytes))
  readSide(child.stdio[3] as Readable, options.onSide)
  if (options.onExtra) (child.stdio[4] as Readable).on('data', options.onExtra)
  feed(child, options.input)
  const onAbort = () => control.stop('aborted')
  signal?.addEventListener('abort', onAbort)
  let over: (() => void) | undefined
  try {
    options.onStart?.(control)
    over = options.courtesy?.(control)
    const ended = await exited
    await groupGone(child)
    const stopped = control.stopped()
    return { ended: { ...ended, ...(stopped ? { stopped } : {}) }, stdout: stdout(), stderrTail: stderr.text() }
  } finally {
    control.release()
    signal?.removeEventListener('abort', onAbort)
    over?.()
  }
}

/** A child that wants no more of it says so by how it ends, and then the input is let go of. */
function feed({ stdin }: ChildProcess, input: Readable | undefined): void {
  if (input && stdin) pipeline(input, stdin).catch(() => undefined)
}

function controlOf({ child, wallMs, onHeld }: { child: ChildProcess } & Pick<Options, 'wallMs' | 'onHeld'>) {
  let reason: Stop | undefined
  let hard: NodeJS.Timeout | undefined
  let gone = false
  /** Several may hold it still, and it goes on when none does. */
  let holds = 0
  const clock = wallClock({ ms: wallMs, ring: () => stop('wall') })
  function stop(why: Stop) {
    if (reason !== undefined || gone) return
    reason = why
    signalGroup(child, 'SIGTERM')
    // A group that is held still does not hear SIGTERM.
    signalGroup(child, 'SIGCONT')
    hard = setTimeout(() => signalGroup(child, 'SIGKILL'), politeMs)
  }
  return {
    stop,
    pause() {
      if (reason !== undefined || gone || holds++ > 0) return
      clock.hold()
      onHeld?.(true)
      signalGroup(child, 'SIGSTOP')
    },
    resume() {
      if (gone || holds === 0 || --holds > 0) return
      signalGroup(child, 'SIGCONT')
      clock.go()
      onHeld?.(false)
    },
    stopped: () => reason,
    /** Whoever still holds this may call it late, when the group's number may be somebody else's. */
    release() {
      gone = true
      clearTimeout(hard)
      clock.end()
    },
  }
}

/** False when nobody of the group is left to hear it. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(-pid, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')) return false
    throw error
  }
}

async function exitOf(child: ChildProcess): Promise<Pick<Ended, 'code' | 'signal'>> {
  return new Promise((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new SluiceError('unavailable', { message: `cannot start ${child.spawnfile}: ${cause.message}`, cause })),
    )
    child.once('exit', () => {
      // Descendants may hold the pipes open: they go now, so that `close` comes.
      signalGroup(child, 'SIGKILL')
    })
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
}

/** The leader is reaped; what is left of its group was sent SIGKILL, and is waited for. */
async function groupGone(child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100 && signalGroup(child, 0); tries++) await wait(10)
}

function collect(options: {
  from: Readable | null
  max: number
  onText: ((text: string) => void) | undefined
  onBytes: ((bytes: Buffer) => void) | undefined
  onFull: () => void
}): () => Buffer {
  const { from, max, onText, onBytes, onFull } = options
  const pieces: Buffer[] = []
  let bytes = 0
  if (onText) from?.setEncoding('utf8').on('data', onText)
  else if (onBytes) from?.on('data', onBytes)
  else
    from?.on('data', (piece: Buffer) => {
      bytes += piece.length
      if (bytes <= max) pieces.push(piece)
      else if (max > 0) onFull()
    })
  return () => Buffer.concat(pieces)
}

function readSide(pipe: Readable, onSide: ((text: string) => void) | undefined) {
  if (onSide) pipe.setEncoding('utf8').on('data', onSide)
  else pipe.resume()
}
