import { fileUrl, safetyArgs } from '../../core/media/ffmpeg-args.ts'
import { failureOf } from './ffmpeg-errors.ts'
import { defaultLimits, firstNice } from './limits.ts'
import { runChild } from './process.ts'
import type { MediaTools } from './tools.ts'
import { walled } from './walls.ts'

export type Look = {
  tools: MediaTools
  /** Absolute, and of our own making. */
  path: string
  cwd: string
  signal: AbortSignal
}

type Asked = Look & {
  args: string[]
  wallMs?: number
  memoryBytes?: number
  /** How much of its answer is kept; or who hears it as it comes. */
  answer: { maxBytes: number } | { read(text: string): void }
}

/** What a stranger's file says of itself. Somebody waits for it: it goes before what is made. */
export async function runFfprobe({ tools, path, cwd, signal, args, wallMs = 60_000, memoryBytes, answer }: Asked) {
  const nice = tools.nice ?? firstNice
  const limits = { ...defaultLimits, ...(memoryBytes ? { memoryBytes } : {}), wallMs, cpuSeconds: wallMs / 1000, nice }
  const program = [tools.ffprobe, '-hide_banner', '-v', 'error', ...safetyArgs(), ...args, '-i', fileUrl(path)]
  const { ended, stdout, stderrTail } = await runChild({
    argv: await walled({ sandbox: tools.sandbox, limits, program, cwd: '/' }),
    cwd,
    wallMs,
    nice,
    signal,
    ...('read' in answer ? { onOutput: answer.read } : { maxOutputBytes: answer.maxBytes }),
    courtesy: tools.courtesy,
  })
  const failure = failureOf({ program: 'ffprobe', ended, stderrTail, signal })
  if (failure) throw failure
  return { printed: stdout.toString('utf8'), stderrTail }
}
