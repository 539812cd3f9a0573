import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { nodeFlags } from '../../cli/node-flags.ts'
import { atEnd } from './at-end.ts'
import { main } from './live-house.ts'

export type CliEnd = { code: number; out: string; err: string }
type Options = { env: Record<string, string>; input?: string; cwd?: string }

/** One command to its end, as a program would run it. */
export function runCli(args: string[], { env, input, cwd }: Options): Promise<CliEnd> {
  return new Promise((resolve) => {
    const whole = { env: { ...process.env, ...env }, maxBuffer: 64 * 2 ** 20, ...(cwd && { cwd }) }
    const child = execFile(process.execPath, [...nodeFlags, main, ...args], whole, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
    )
    child.stdin?.end(input ?? '')
  })
}

/** A command that prints NDJSON, watched while it runs. */
export function watchCli(args: string[], { env }: Options) {
  const child: ChildProcess = spawn(process.execPath, [...nodeFlags, main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'close')
  atEnd(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const lines: Record<string, unknown>[] = []
  const waiting: (() => void)[] = []
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(JSON.parse(line))
      for (const wake of waiting.splice(0)) wake()
    })
  void exited.then(() => {
    for (const wake of waiting.splice(0)) wake()
  })
  return {
    lines,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    ended: exited.then(([code, signal]: unknown[]) => signal ?? code),
    /** The first line that is like this. */
    async saw(like: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
      for (;;) {
        const found = lines.find(like)
        if (found !== undefined) return found
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`it ended without that: ${JSON.stringify(lines)}`)
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
  }
}
