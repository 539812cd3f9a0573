import { readdir, readlink, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { isRunning } from '../../core/db/embedded/processes.ts'
import type { Logger } from '../../core/logger.ts'

const ofThisHost = new RegExp(`^worker-${RegExp.escape(hostname())}-(\\d+)-`)

/** Begins the name of a worker's scratch folder: whose it is. */
export const scratchMark = (pid: number) => `worker-${hostname()}-${pid}-`

/** Whose a scratch folder is; undefined for those of other hosts, and for what is none. */
export function pidOfScratch(name: string): number | undefined {
  const pid = Number(ofThisHost.exec(name)?.[1])
  return pid > 0 ? pid : undefined
}

/** Removes what dead workers of this host left: their folders, and first the children that still work in them. `own`: the folder of this worker. */
export async function clearDeadScratch({
  shared,
  own,
  log,
}: {
  shared: string
  own?: string
  log?: Logger
}): Promise<number> {
  let removed = 0
  for (const name of await readdir(shared)) {
    const pid = pidOfScratch(name)
    const folder = path.join(shared, name)
    if (pid === undefined || folder === own) continue
    // Our own pid in front of a folder that we did not make is that of a dead one before us.
    if (pid !== process.pid && (await isRunning(pid))) continue
    const orphans = await endThoseIn(folder)
    await rm(folder, { recursive: true, force: true })
    removed++
    log?.warn({ pid, orphans }, 'what a dead worker left behind was removed')
  }
  return removed
}

/** Children die with their worker where the system can do that (setpriv); elsewhere, where it shows who works where, they are found by that. */
async function endThoseIn(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number)
  const ended: number[] = []
  for (const pid of pids) {
    const at = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
    if (pid === process.pid || at === undefined || !`${at}/`.startsWith(`${folder}/`)) continue
    try {
      process.kill(pid, 'SIGKILL')
      ended.push(pid)
    } catch {
      // It ended by itself in this moment.
    }
  }
  return ended
}
