import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import path from 'node:path'
import { runChild } from './process.ts'

export type Limits = {
  /** Address space of the child. */
  memoryBytes: number
  cpuSeconds: number
  /** The largest file it may write. */
  fileBytes: number
  /** From start to end, by the clock. */
  wallMs: number
  /** How far it stands back for others on the processor: 10, but less for what a viewer waits for, more for what nobody does. */
  nice: number
}

export const defaultLimits: Limits = {
  memoryBytes: 8 * 2 ** 30,
  cpuSeconds: 6 * 3600,
  fileBytes: 2 ** 30,
  wallMs: 2 * 3600_000,
  nice: 10,
}

/** Words that stand for a limit in `MediaTools.sandbox`; each call puts its own numbers in. */
const placeholders = { '--as=': 'memoryBytes', '--cpu=': 'cpuSeconds', '--fsize=': 'fileBytes', '-n': 'nice' } as const

/**
 * The argv prefix that holds a child down as far as this machine lets us: no network, low priority, bounded memory, time and
 * files, and gone when its worker is. Each part is tried, and left out where it does not work.
 */
export async function findSandbox({ folders, binary }: { folders: string[]; binary: string }): Promise<string[]> {
  // setpriv comes last: the kernel forgets the death signal when a program changes its rights, as unshare does.
  const parts = [
    [
      ['unshare', '--net'],
      ['unshare', '--map-root-user', '--net'],
    ],
    [['nice', '-n']],
    [['prlimit', '--as=', '--cpu=', '--fsize=']],
    [['setpriv', '--pdeathsig', 'KILL']],
  ]
  let prefix: string[] = []
  for (const choices of parts) {
    for (const [tool = '', ...rest] of choices) {
      const found = await findExecutable({ name: tool, folders })
      if (found === undefined) continue
      const longer = [...prefix, found, ...rest]
      if (await works([...longer, binary, '-version'])) {
        prefix = longer
        break
      }
    }
  }
  return prefix
}

const purposes = {
  unshare: 'no network',
  nice: 'low priority',
  prlimit: 'limits on memory, time and files',
  setpriv: 'an end with its worker',
}

/** What a child of this machine goes without, for the operator to know. */
export function missingFrom(prefix: readonly string[]): string[] {
  const tools = prefix.map((word) => path.basename(word))
  return Object.entries(purposes).flatMap(([tool, purpose]) => (tools.includes(tool) ? [] : [purpose]))
}

async function works(argv: string[]): Promise<boolean> {
  const { ended } = await runChild({ argv: sandboxed(argv, defaultLimits), cwd: '/', wallMs: 10_000 })
  return ended.code === 0
}

/** The prefix with one call's limits in it. */
export function sandboxed(argv: string[], limits: Limits): string[] {
  return argv.map((word) => {
    const limit = Object.entries(placeholders).find(([placeholder]) => placeholder === word)?.[1]
    return limit === undefined ? word : `${word}${Math.ceil(limits[limit])}`
  })
}

export async function findExecutable({
  name,
  folders,
}: {
  name: string
  folders: string[]
}): Promise<string | undefined> {
  for (const folder of folders.filter(path.isAbsolute)) {
    const file = path.join(folder, name)
    if (await isExecutable(file)) return file
  }
  return undefined
}

export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK)
    .then(() => stat(file))
    .then((found) => found.isFile())
    .catch(() => false)
}
