import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { isRunning } from '../../core/db/embedded/processes.ts'
import { type Floor, refuseBelow } from '../../core/storage/disk-floor.ts'

const mark = (pid: number) => `worker-${hostname()}-${pid}-`
const ofThisHost = new RegExp(`^worker-${RegExp.escape(hostname())}-(\\d+)-`)

export type Scratch = {
  dir: string
  /** How many workers of this host live and share the folder, this one among them. */
  workers(): Promise<number>
  close(): Promise<void>
}

/** A scratch folder of this worker's own, below the shared one; what dead workers of this host left there is removed first. */
export async function openScratch(shared: string): Promise<Scratch> {
  await mkdir(shared, { recursive: true })
  for (const name of await readdir(shared)) {
    const pid = Number(ofThisHost.exec(name)?.[1])
    // Our own pid in front of a folder that we did not make is that of a dead one before us.
    if (pid === process.pid || (pid > 0 && !(await isRunning(pid))))
      await rm(path.join(shared, name), { recursive: true, force: true })
  }
  const dir = await mkdtemp(path.join(shared, mark(process.pid)))
  return { dir, workers: () => countWorkers(shared), close: () => rm(dir, { recursive: true, force: true }) }
}

async function countWorkers(shared: string): Promise<number> {
  const pids = (await readdir(shared)).flatMap((name) => Number(ofThisHost.exec(name)?.[1] ?? Number.NaN) || [])
  const living = await Promise.all([...new Set(pids)].map((pid) => pid === process.pid || isRunning(pid)))
  return living.filter(Boolean).length
}

/** Told beforehand that there is no room, a task waits for some, and fills nobody's disk in finding out. */
export const needRoom = ({ folder, bytes, floor = {} }: { folder: string; bytes: number; floor?: Floor }) =>
  refuseBelow(floor, { folder, wanted: bytes })
