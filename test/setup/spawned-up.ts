import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'

const main = fileURLToPath(new URL('../../cli/sluice.js', import.meta.url))

export type SpawnedUp = {
  pid: number
  /** The address in its one line on standard output; throws with what it said when it ends without that line. */
  up(): Promise<string>
  stdout(): string
  stderr(): string
  kill(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
}

/** `sluice up` as a user starts it, in a process of its own. */
export function spawnUp(options: { args: string[]; env?: Record<string, string> }): SpawnedUp {
  const env = { ...process.env, LOG_LEVEL: 'info', ...options.env }
  const child = spawn(process.execPath, [main, 'up', ...options.args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr, over] = ['', '', false]
  child.stdout.on('data', (data) => {
    stdout += data
  })
  child.stderr.on('data', (data) => {
    stderr += data
  })
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('close', (code, signal) => {
      over = true
      resolve(signal ?? code ?? -1)
    }),
  )
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => child.kill(signal),
    ended,
    up: () =>
      waitUntil({
        what: `"sluice is up" after: ${stderr}`,
        timeoutMs: 60_000,
        ask: () => {
          if (over) throw new Error(`it ended: ${stderr}`)
          return /^sluice is up at (http\S+)$/m.exec(stdout)?.[1]
        },
      }),
  }
}

/** Processes whose command line or environment names a folder, without those that only wait to be reaped. */
export async function processesOn(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const texts = await Promise.all(
        ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
      )
      return texts.some((text) => text.includes(folder)) ? [`${pid} ${texts[0]?.replaceAll('\0', ' ')}`] : []
    }),
  )
  return found.flat()
}
