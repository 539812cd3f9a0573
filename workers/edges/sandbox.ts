import path from 'node:path'
import { findExecutable } from './executables.ts'
import { defaultLimits } from './limits.ts'
import { runChild } from './process.ts'
import { here, walled } from './walls.ts'

type Options = {
  folders: string[]
  binary: string
  /** Tools that are left alone even where they work: for tests of what holds without them. */
  without?: readonly string[]
}

/**
 * The argv prefix that holds a child down as far as this machine lets us: low priority, bounded memory, time, files and
 * processes, no network, no file but those of its work, and gone when its worker is. Each part is tried, and left out where it does not work.
 */
export async function findSandbox({ folders, binary, without = [] }: Options): Promise<string[]> {
  const parts = partsOf(await toolsIn(folders, without))
  // Most machines allow the best of everything: then one trial will do.
  const best: string[] = []
  for (const [words = []] of parts) best.push(...onTop(best, words))
  if (await works(best, binary)) return best
  let prefix: string[] = []
  for (const choices of parts) {
    for (const words of choices) {
      const more = onTop(prefix, words)
      if (more.length === 0 || !(await works([...prefix, ...more], binary))) continue
      prefix = [...prefix, ...more]
      break
    }
  }
  return prefix
}

/** A room ends with its worker by itself. */
const onTop = (prefix: string[], words: string[]) =>
  prefix.includes(here) && words.includes('--pdeathsig') ? [] : words

const names = ['nice', 'prlimit', 'bwrap', 'unshare', 'setpriv'] as const
type Tool = (typeof names)[number]

async function toolsIn(folders: string[], without: readonly string[]): Promise<Map<Tool, string>> {
  const found = new Map<Tool, string>()
  for (const name of names) {
    const file = without.includes(name) ? undefined : await findExecutable({ name, folders })
    if (file !== undefined) found.set(name, file)
  }
  return found
}

/** Each part in the ways it may be had, the best first. */
function partsOf(tools: Map<Tool, string>): string[][][] {
  const by = (name: Tool, ...words: string[]) => (tools.has(name) ? [[tools.get(name) ?? '', ...words]] : [])
  // A limit on processes counts those of the namespace, where there is a new one; outside it would count all that its user runs.
  const few = by('prlimit', '--nproc=')[0] ?? []
  const [rooms, alone] = [by('bwrap'), by('unshare')]
  return [
    by('nice', '-n'),
    by('prlimit', '--as=', '--data=', '--cpu=', '--fsize=', '--core=0'),
    [
      ...rooms.flatMap(([bwrap = '']) => furnished.map((words) => [bwrap, ...words, here, '--', ...few])),
      // The kernel forgets the death signal when a program changes its rights, as unshare does: it comes last.
      ...alone.flatMap(([unshare = '']) => [
        [unshare, '--net'],
        [unshare, '--map-root-user', '--net', ...few],
      ]),
    ],
    by('setpriv', '--pdeathsig', 'KILL'),
  ]
}

/** Where programs and libraries lie: libraries as a whole, programs one by one. */
const libraries = [
  ...['/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/local/lib', '/lib', '/lib32', '/lib64', '/nix/store'],
  ...['/etc/alternatives', '/etc/ld.so.cache'],
].flatMap((folder) => ['--ro-bind-try', folder, folder])

/** Without a keeper of its own in the room: such a one would outlast it, as a dead process that nobody has buried. */
const bare = [
  ...['--unshare-all', '--unshare-user', '--uid', '65534', '--gid', '65534'],
  ...['--die-with-parent', '--as-pid-1', '--cap-drop', 'ALL', ...libraries],
]

/** Containers may allow a room of its own, but no view of its processes in it. */
const furnished = [
  [...bare, '--disable-userns', '--proc', '/proc', '--dev', '/dev', '--remount-ro', '/dev'],
  [...bare, '--proc', '/proc', '--dev', '/dev', '--remount-ro', '/dev'],
  [...bare, '--dev', '/dev', '--remount-ro', '/dev'],
]

const purposes: [purpose: string, tools: Tool[]][] = [
  ['no network', ['bwrap', 'unshare']],
  ['no file of others', ['bwrap']],
  ['low priority', ['nice']],
  ['limits on memory, time and files', ['prlimit']],
  ['an end with its worker', ['setpriv', 'bwrap']],
]

/** What a child of this machine goes without, for the operator to know. */
export function missingFrom(prefix: readonly string[]): string[] {
  const tools = prefix.map((word) => path.basename(word))
  return purposes.flatMap(([purpose, any]) => (any.some((tool) => tools.includes(tool)) ? [] : [purpose]))
}

async function works(sandbox: string[], binary: string): Promise<boolean> {
  const argv = await walled({ sandbox, limits: defaultLimits, program: [binary, '-version'], cwd: '/' })
  const { ended } = await runChild({ argv, cwd: '/', wallMs: 10_000 })
  return ended.code === 0
}
