import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../../errors.ts'
import { asErrno } from './errno.ts'
import { isPostmasterOf, isRunning } from './processes.ts'
import { waitUntil } from './wait-until.ts'

export type Postmaster = { pid: number; port: number | undefined; status: string }

/** The postmaster that runs on this folder, started by whomever. Also takes away a pid file that names a stranger. */
export async function findPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const file = join(cluster, 'postmaster.pid')
  const text = await readPidFile(file)
  const found = text === undefined ? undefined : parsePidFile(text)
  if (found === undefined) return undefined
  if (await isPostmasterOf({ pid: found.pid, folder: cluster })) return found
  // Postgres clears a dead number by itself, but refuses to start while a stranger bears it. Its shared memory guards it against us being wrong.
  if ((await isRunning(found.pid)) && (await readPidFile(file)) === text) await rm(file, { force: true })
  return undefined
}

/** postmaster.pid: pid, folder, start, port, socket folder, address, shared memory, status. */
export function parsePidFile(text: string): Postmaster | undefined {
  const lines = text.split('\n')
  const pid = Number.parseInt(lines[0] ?? '', 10)
  const port = Number.parseInt(lines[3] ?? '', 10)
  if (!(pid > 0)) return undefined
  return { pid, port: port > 0 ? port : undefined, status: lines[7]?.trim() ?? 'starting' }
}

/** Fast shutdown: sessions are cut, data is flushed. Immediate shutdown if that hangs; recovery then happens at the next start. */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const [signal, timeoutMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
  ] as const) {
    if (!(await isRunning(pid))) return
    try {
      process.kill(pid, signal)
    } catch (error) {
      if (asErrno(error) === 'ESRCH') return
      throw error
    }
    if (await endsWithin({ pid, timeoutMs })) return
  }
  throw new SluiceError('unavailable', { message: `Postgres ${pid} does not end` })
}

async function endsWithin({ pid, timeoutMs }: { pid: number; timeoutMs: number }): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  return waitUntil({
    what: `The end of Postgres ${pid}`,
    timeoutMs: timeoutMs + 1_000,
    ask: async () => ((await isRunning(pid)) ? (performance.now() > deadline ? false : undefined) : true),
  })
}

async function readPidFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (asErrno(error) === 'ENOENT') return undefined
    throw error
  }
}
