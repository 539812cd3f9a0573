import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { isRunning } from '../../core/db/embedded/processes.ts'
import { type Floor, refuseBelow } from '../../core/storage/disk-floor.ts'
import { clearDeadScratch, pidOfScratch, scratchMark } from './dead-workers.ts'

export type Scratch = {
  dir: string
  /** How many workers of this host live and share the folder, this one among them. */
  workers(): Promise<number>
  close(): Promise<void>
}

/** A scratch folder of this worker's own, below the shared one; what dead workers of this host left there is removed first. */
export async function openScratch(shared: string): Promise<Scratch> {
  await mkdir(shared, { recursive: true })
  await clearDeadScratch({ shared })
  const dir = await mkdtemp(path.join(shared, scratchMark(process.pid)))
  return { dir, workers: () => countWorkers(shared), close: () => rm(dir, { recursive: true, force: true }) }
}

async function countWorkers(shared: string): Promise<number> {
  const pids = (await readdir(shared)).flatMap((name) => pidOfScratch(name) ?? [])
  const living = await Promise.all([...new Set(pids)].map((pid) => pid === process.pid || isRunning(pid)))
  return living.filter(Boolean).length
}

/** Told beforehand that there is no room, a task waits for some, and fills nobody's disk in finding out. */
export const needRoom = ({ folder, bytes, floor = {} }: { folder: string; bytes: number; floor?: Floor }) =>
  refuseBelow(floor, { folder, wanted: bytes })
