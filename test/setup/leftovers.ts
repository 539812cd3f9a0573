import { readdir, readFile } from 'node:fs/promises'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import type { RunFolder } from './run-folder.ts'

/** The environment variable that every process below a test carries, however far down. */
export const runMark = 'SLUICE_TEST_RUN'

/** Processes and temporary files that tests left behind. Those on their way out get a moment. */
export async function findLeftovers(folder: RunFolder): Promise<string[]> {
  const deadline = performance.now() + 20_000
  const processes = await waitUntil({
    what: 'The end of the processes',
    timeoutMs: 30_000,
    everyMs: 100,
    ask: async () => {
      const found = await markedProcesses(folder.id)
      return found.length === 0 || performance.now() > deadline ? found : undefined
    },
  })
  const files = (await readdir(folder.tmp)).filter((name) => !/^(node-compile-cache|vitest|v8-)/.test(name))
  return [...processes, ...files.map((name) => `${folder.tmp}/${name}`)]
}

/** Without /proc this check has nothing to look at, and finds nothing. */
async function markedProcesses(id: string): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const found = await Promise.all(pids.map((pid) => describeMarked({ pid, id })))
  return found.filter((line) => line !== undefined)
}

async function describeMarked({ pid, id }: { pid: string; id: string }): Promise<string | undefined> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8')
    if (!environment.split('\0').includes(`${runMark}=${id}`)) return undefined
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim()
    // Vitest's own workers leave after this check; an empty line is a process that has ended.
    return command === '' || command.includes('vitest/dist') ? undefined : `process ${pid}: ${command.slice(0, 160)}`
  } catch {
    // It ended while we looked, or belongs to somebody else.
    return undefined
  }
}
