import { readdirSync, readFileSync, statSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { processesBelow } from './process-tree.ts'

/** Most bytes at any one moment, as far as a look every quarter of a second sees. */
export type Footprint = { scratch: number; worker: number; ffmpeg: number; others: number }

/** Watches a worker until told to stop: what its scratch folder takes on disk, and the memory of it and its children. */
export function watchFootprint({ scratch, worker }: { scratch: string; worker: number }): {
  end(): Promise<Footprint>
} {
  const over = new AbortController()
  const most: Footprint = { scratch: 0, worker: 0, ffmpeg: 0, others: 0 }
  const keep = (what: keyof Footprint, bytes: number) => {
    most[what] = Math.max(most[what], bytes)
  }
  const look = async () => {
    keep('scratch', await bytesOn({ folder: scratch, pids: [worker, ...processesBelow(worker).map(({ pid }) => pid)] }))
    keep('worker', peakMemory(worker))
    for (const { pid, name } of processesBelow(worker)) keep(name === 'ffmpeg' ? 'ffmpeg' : 'others', peakMemory(pid))
  }
  const watching = (async () => {
    while (!over.signal.aborted) {
      await look()
      await pause(250, undefined, { signal: over.signal }).catch(() => undefined)
    }
    await look()
  })()
  return {
    async end() {
      over.abort()
      await watching
      return most
    },
  }
}

/** The kernel's own high-water mark. */
function peakMemory(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readOr(`/proc/${pid}/status`)) ?? []
  return Number(kib ?? 0) * 1024
}

/** Disk that a folder takes: each file once however many names it has, and removed ones that are still open. */
async function bytesOn({ folder, pids }: { folder: string; pids: number[] }): Promise<number> {
  const byInode = new Map<number, number>()
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    // It may have gone meanwhile.
    const found = await lstat(path.join(folder, name)).catch(() => undefined)
    if (found?.isFile()) byInode.set(found.ino, found.blocks * 512)
  }
  for (const file of pids.flatMap(openFiles)) {
    const found = statOr(file)
    if (found?.isFile() && found.nlink === 0) byInode.set(found.ino, found.blocks * 512)
  }
  return [...byInode.values()].reduce((sum, bytes) => sum + bytes, 0)
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`)
  } catch {
    return []
  }
}

const readOr = (file: string) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const statOr = (file: string) => {
  try {
    return statSync(file)
  } catch {
    return undefined
  }
}
