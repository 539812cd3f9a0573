import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Where everything of one test run lies: its servers' data, and the temporary files of its tests. */
export type RunFolder = { id: string; path: string; tmp: string }

const prefix = 'sluice-test-'

/** Named by the process that runs the tests, so that the next run can tell what a killed one left. */
export function runFolder({ parent, pid }: { parent: string; pid: number }): RunFolder {
  const path = join(parent, `${prefix}${pid}`)
  return { id: `${prefix}${pid}`, path, tmp: join(path, 'tmp') }
}

export async function makeRunFolder({ folder, parent }: { folder: RunFolder; parent: string }): Promise<void> {
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length))))
      await rm(join(parent, name), { recursive: true, force: true })
  }
  await mkdir(folder.tmp, { recursive: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
