import { join } from 'node:path'
import { SluiceError } from '../../errors.ts'
import { runQuietly } from './run-quietly.ts'

/** A way to run Postgres, which refuses to run as root: what stands before its command, and who must own its files. */
export type Launch = {
  way: string
  bin: string
  version: number
  prefix: string[]
  uid?: number
  gid?: number
  owner: number
}

/** "nobody" on every system that we know; it needs no entry in /etc/passwd. */
const nobody = 65_534

type Way = Pick<Launch, 'way' | 'prefix' | 'uid' | 'gid' | 'owner'>

/** Best first. The later ones are for folders that nobody cannot enter, such as a home with mode 0700. */
function ways(uid: number): Way[] {
  // A user namespace without a mapping: Postgres sees itself as 65534, the kernel still sees the owner of the folder.
  const namespace: Way = { way: 'in a user namespace', prefix: ['unshare', '--user', '--'], owner: uid }
  // Postgres wants a name for its user, which a number given to a container may lack; 65534 has one.
  if (uid !== 0) return [{ way: 'as this user', prefix: [], owner: uid }, namespace]
  const ids = ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups']
  return [
    { way: 'as nobody', prefix: [], uid: nobody, gid: nobody, owner: nobody },
    namespace,
    // Containers forbid new namespaces but leave root this capability.
    {
      way: 'as nobody who may enter every folder',
      prefix: ['setpriv', ...ids, '--inh-caps', '+dac_override', '--ambient-caps', '+dac_override', '--'],
      owner: nobody,
    },
  ]
}

/** Tries binaries and ways until a pair can run and reach the data folder. `wanted` is the major version that made the data. */
export async function chooseLaunch(options: {
  dataDir: string
  binaries: string[]
  wanted: number | undefined
  uid: number
}): Promise<Launch> {
  const tried: string[] = []
  for (const bin of options.binaries) {
    for (const way of ways(options.uid)) {
      const ran = await runQuietly({ ...way, argv: [...way.prefix, ...probe(bin, options.dataDir)] })
      const version = Number(/PostgreSQL\) (\d+)/.exec(ran.stdout)?.[1] ?? Number.NaN)
      if (ran.code === 0 && (version === options.wanted || (options.wanted === undefined && version >= 14)))
        return { ...way, bin, version }
      tried.push(`${bin} ${way.way}: ${ran.code === 0 ? `is version ${version}` : firstLine(ran.stderr)}`)
    }
  }
  const what = options.wanted === undefined ? 'Postgres' : `Postgres ${options.wanted}`
  throw new SluiceError('unavailable', {
    message:
      `No ${what} can be run on ${options.dataDir}. Set DATABASE_URL, or install it with: apt-get install postgresql\n` +
      tried.map((line) => `  ${line}`).join('\n'),
  })
}

function probe(bin: string, dataDir: string): string[] {
  return [
    '/bin/sh',
    '-c',
    'test -d "$1/." || { echo "cannot enter $1" >&2; exit 1; }; id -un >&2 && "$2" --version && "$3" --version',
    'sh',
    dataDir,
    join(bin, 'postgres'),
    join(bin, 'initdb'),
  ]
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
