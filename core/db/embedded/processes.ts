import { readFile, readlink } from 'node:fs/promises'
import { asErrno } from './errno.ts'
import { runQuietly } from './run-quietly.ts'

/** Whether a process still runs; one that ended but was not yet reaped does not. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return asErrno(error) === 'EPERM'
  }
  if (process.platform !== 'linux') return true
  const stat = await readOrUndefined(() => readFile(`/proc/${pid}/stat`, 'utf8'))
  if (stat === undefined) return false
  // The name in brackets may hold anything, so the state is what follows the last bracket.
  return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
}

/** Whether this pid is a postmaster of this folder, and not a stranger that got the number after a reboot or in a new container. */
export async function isPostmasterOf({ pid, folder }: { pid: number; folder: string }): Promise<boolean> {
  if (!(await isRunning(pid))) return false
  if (process.platform !== 'linux') {
    const { stdout } = await runQuietly({ argv: ['ps', '-p', String(pid), '-o', 'command='] })
    return stdout.includes(folder)
  }
  // A postmaster works inside its folder. Where that may not be read (a container without ptrace), its command line tells.
  const workingFolder = await readOrUndefined(() => readlink(`/proc/${pid}/cwd`))
  if (workingFolder !== undefined) return workingFolder === folder
  const commandLine = await readOrUndefined(() => readFile(`/proc/${pid}/cmdline`, 'utf8'))
  return commandLine?.split('\0').includes(folder) ?? false
}

async function readOrUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(asErrno(error) ?? '')) return undefined
    throw error
  }
}
