import { execFile } from 'node:child_process'
import { nodeFlags } from '../../cli/node-flags.ts'
import { main } from './live-house.ts'
import { patienceMs } from './patience-ms.ts'

type Options = { env: Record<string, string>; cwd?: string }

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`

/** One command on a terminal of its own, where it draws and colours as for somebody who looks. One that never ends is ended, with the code -1. */
export function runOnTerminal(args: string[], { env, cwd }: Options): Promise<{ code: number; shown: string }> {
  const command = [process.execPath, ...nodeFlags, main, ...args].map(quoted).join(' ')
  const whole = { env: { ...process.env, TERM: 'xterm', ...env }, timeout: patienceMs, ...(cwd && { cwd }) }
  return new Promise((resolve) => {
    const child = execFile('script', ['-qec', `exec ${command}`, '/dev/null'], whole, (error, shown) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, shown }),
    )
    child.stdin?.end()
  })
}
