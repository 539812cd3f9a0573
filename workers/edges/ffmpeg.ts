import type { Readable } from 'node:stream'
import { failureOf } from './ffmpeg-errors.ts'
import { type Progress, progressReader } from './ffmpeg-progress.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { type Child, runChild } from './process.ts'
import { layToneTables } from './tone-tables.ts'
import type { MediaTools } from './tools.ts'
import { walled } from './walls.ts'
import { watchdog } from './watchdog.ts'

type Run = {
  tools: MediaTools
  args: string[]
  cwd: string
  signal: AbortSignal
  limits?: Partial<Limits>
}

type Encode = Run & {
  onProgress?: (progress: Progress) => void
  /** How long progress may stand still. */
  stallMs?: number
  /** Hands out the means to hold ffmpeg still, while what it made has nowhere to go. */
  onStart?: (child: Pick<Child, 'pause' | 'resume'>) => void
  /** What ffmpeg writes to its standard output, and to its pipe 4. */
  onBytes?: (bytes: Buffer) => void
  onExtra?: (bytes: Buffer) => void
  /** What the arguments call `pipe:0`. */
  input?: Readable
}

/** On a machine of many processors every run would start as many threads, each with pictures of its own. */
const leading = ({ cpus }: MediaTools) => [
  ...['-nostdin', '-hide_banner', '-nostats', '-v', 'error', '-y'],
  ...['-cpucount', String(cpus)],
]

const limitsOf = ({ tools, limits }: Pick<Run, 'tools' | 'limits'>): Limits => ({
  ...{ ...defaultLimits, ...limits },
  ...(tools.nice !== undefined && { nice: tools.nice }),
})

/** Runs ffmpeg for what it writes to files. Settles only when it, and all of its group, are gone. */
export const runFfmpeg = (run: Encode) => observed(run.tools, () => encode(run))

/** The same for what it writes to its standard output, of which there may not be more than `maxBytes`. */
export const runFfmpegToBuffer = (run: Capture) => observed(run.tools, () => capture(run))

const observed = <Made>({ observe }: MediaTools, run: () => Promise<Made>) => (observe ? observe(run) : run())

async function encode({
  onProgress,
  stallMs = 60_000,
  onStart,
  onBytes,
  onExtra,
  input,
  ...run
}: Encode): Promise<{ stderrTail: string }> {
  const { tools, args, cwd, signal } = run
  const limits = limitsOf(run)
  const program = [tools.ffmpeg, ...leading(tools), '-progress', 'pipe:3', ...args]
  await layToneTables({ args, cwd })
  const dog = watchdog({ stallMs })
  const read = progressReader((progress) => {
    dog.saw(progress)
    onProgress?.(progress)
  })
  try {
    const { ended, stderrTail } = await runChild({
      argv: await walled({ sandbox: tools.sandbox, limits, program, cwd }),
      cwd,
      wallMs: limits.wallMs,
      nice: limits.nice,
      signal,
      onSide: read,
      ...(onBytes ? { onBytes } : {}),
      ...(onExtra ? { onExtra } : {}),
      ...(input ? { input } : {}),
      onStart: (child) => {
        dog.watch(child)
        onStart?.(child)
      },
      onHeld: dog.held,
      courtesy: tools.courtesy,
    })
    const failure = failureOf({ program: 'ffmpeg', ended, stderrTail, signal })
    if (failure) throw failure
    return { stderrTail }
  } finally {
    dog.end()
  }
}

const stillLimits: Partial<Limits> = { wallMs: 120_000, cpuSeconds: 300 }

type Capture = Run & { maxBytes: number }

async function capture({ maxBytes, ...run }: Capture): Promise<Buffer> {
  const { tools, args, cwd, signal } = run
  const limits = limitsOf({ tools, limits: { ...stillLimits, ...run.limits } })
  const program = [tools.ffmpeg, ...leading(tools), ...args]
  await layToneTables({ args, cwd })
  const { ended, stdout, stderrTail } = await runChild({
    argv: await walled({ sandbox: tools.sandbox, limits, program, cwd }),
    cwd,
    wallMs: limits.wallMs,
    nice: limits.nice,
    signal,
    maxOutputBytes: maxBytes,
    courtesy: tools.courtesy,
  })
  const failure = failureOf({ program: 'ffmpeg', ended, stderrTail, signal })
  if (failure) throw failure
  return stdout
}
