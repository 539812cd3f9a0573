import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Where everything of one test run lies: its servers' data, the temporary files of its tests, and clips that were made once. */
export type RunFolder = { id: string; path: string; tmp: string; clips: string }

const prefix = 'sluice-test-'

/** Named by the process that runs the tests, so that the next run can tell what a killed one left. */
export function runFolder({ parent, pid }: { parent: string; pid: number }): RunFolder {
  const path = join(parent, `${prefix}${pid}`)
  return { id: `${prefix}${pid}`, path, tmp: join(path, 'tmp'), clips: join(path, 'clips') }
}

export async function makeRunFolder({ folder, parent }: { folder: RunFolder; parent: string }): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length)))) continue
    await unmountBelow(join(parent, name))
    await rm(join(parent, name), { recursive: true, force: true })
  }
  for (const each of [folder.tmp, folder.clips]) await mkdir(each, { recursive: true })
}

/** The small disks of a run that was killed are still there, and nobody can remove them. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '')
  const places = mounts.split('\n').flatMap((line) => line.split(' ')[1] ?? [])
  for (const place of places) if (place.startsWith(`${folder}/`)) await promisify(execFile)('umount', ['-l', place])
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
