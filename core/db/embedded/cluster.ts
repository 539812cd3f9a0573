import { lchown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../../errors.ts'
import { asErrno } from './errno.ts'
import type { Launch } from './launch.ts'
import { isRunning } from './processes.ts'
import { runQuietly } from './run-quietly.ts'

export const superuser = 'sluice'

/** Where things lie inside a data folder. */
export function clusterPaths(dataDir: string) {
  return {
    cluster: join(dataDir, 'postgres'),
    password: join(dataDir, 'postgres-password'),
    log: join(dataDir, 'logs', 'postgres.log'),
  }
}

/** The major version that made the cluster, undefined where there is none yet. */
export async function clusterVersion(cluster: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(join(cluster, 'PG_VERSION'), 'utf8'), 10)
  } catch (error) {
    if (asErrno(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Makes the cluster beside its place and renames it there whole, so that no kill leaves half a one. */
export async function initialiseCluster(options: { cluster: string; password: string; launch: Launch }): Promise<void> {
  const { cluster, launch } = options
  await removeDrafts(cluster)
  const draft = `${cluster}.new-${process.pid}`
  const passwordFile = `${draft}.password`
  try {
    await mkdir(draft, { mode: 0o700 })
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 })
    await ownBy({ path: draft, owner: launch.owner })
    await ownBy({ path: passwordFile, owner: launch.owner })
    const ran = await runQuietly({ ...launch, argv: [...launch.prefix, ...initdb({ ...launch, draft, passwordFile })] })
    if (ran.code !== 0)
      throw new SluiceError('unavailable', { message: `initdb (${launch.way}) failed: ${ran.stderr || ran.stdout}` })
    await rename(draft, cluster)
  } catch (error) {
    // Another process was faster: its cluster is as good.
    if (!['ENOTEMPTY', 'EEXIST'].includes(asErrno(error) ?? '')) throw error
  } finally {
    await rm(draft, { recursive: true, force: true })
    await rm(passwordFile, { force: true })
  }
}

function initdb({ bin, draft, passwordFile }: { bin: string; draft: string; passwordFile: string }): string[] {
  return [
    join(bin, 'initdb'),
    `--pgdata=${draft}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
  ]
}

/** A start that was killed inside initdb leaves its draft; the next one clears it away. */
async function removeDrafts(cluster: string): Promise<void> {
  const [folder, name] = [join(cluster, '..'), 'postgres.new-']
  for (const entry of await readdir(folder)) {
    if (!entry.startsWith(name)) continue
    const pid = Number.parseInt(entry.slice(name.length), 10)
    if (pid === process.pid || !(await isRunning(pid))) await rm(join(folder, entry), { recursive: true, force: true })
  }
}

/** Hands a file or a whole folder to the user that Postgres will run as. Only root may, and only root needs to. */
export async function ownBy({ path, owner }: { path: string; owner: number }): Promise<void> {
  const found = await stat(path)
  if (found.uid === owner) return
  if (process.getuid?.() !== 0)
    throw new SluiceError('unavailable', {
      message: `${path} belongs to user ${found.uid}. Start as that user, or give it away with: chown -R $(id -u) ${path}`,
    })
  if (found.isDirectory())
    for (const entry of await readdir(path, { recursive: true })) await lchown(join(path, entry), owner, owner)
  await lchown(path, owner, owner)
}
