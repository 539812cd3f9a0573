import { mkdir, realpath } from 'node:fs/promises'
import pg from 'pg'
import { SluiceError } from '../../errors.ts'
import { findBinaries } from './binaries.ts'
import { clusterPaths, clusterVersion, initialiseCluster, superuser } from './cluster.ts'
import { asErrno } from './errno.ts'
import { keptSecret } from './kept-secret.ts'
import { chooseLaunch } from './launch.ts'
import { findPostmaster, type Postmaster, stopPostmaster } from './postmaster.ts'
import { isRunning } from './processes.ts'
import { startPostmaster } from './start.ts'
import { waitUntil } from './wait-until.ts'

export type Embedded = {
  url: string
  pid: number
  port: number
  /** It ran already when we came: a command's, or left by a start that was killed. */
  adopted: boolean
  isRunning(): Promise<boolean>
  stop(): Promise<void>
}

export type OpenEmbedded = {
  dataDir: string
  say?: ((line: string) => void) | undefined
  /** Whether it ends with this process. Only for the one who keeps it for as long as it runs, not for passing commands. */
  tied?: boolean
  port?: number | undefined
  /** Further settings of the server, by name. */
  settings?: Record<string, string>
}

/** Postgres on a data folder: the one that runs there, or a new one; initialised at its first use. */
export async function openEmbedded(options: OpenEmbedded): Promise<Embedded> {
  await mkdir(options.dataDir, { recursive: true })
  const dataDir = await realpath(options.dataDir)
  const password = await keptSecret(clusterPaths(dataDir).password)
  let adopted = true
  const running = await waitUntil({
    what: `A ready Postgres on ${dataDir}`,
    timeoutMs: 180_000,
    ask: async () => {
      const found = await findPostmaster(clusterPaths(dataDir).cluster)
      if (found !== undefined) return whenReady({ found, password })
      adopted = (await startHere({ ...options, dataDir, password })) === undefined
      return undefined
    },
  })
  const { pid, port } = running
  return {
    url: urlOf({ port, password, database: 'sluice' }),
    pid,
    port,
    adopted,
    isRunning: () => isRunning(pid),
    stop: () => stopPostmaster(pid),
  }
}

async function startHere(options: OpenEmbedded & { password: string }): Promise<number | undefined> {
  const { cluster, log } = clusterPaths(options.dataDir)
  const uid = process.getuid?.() ?? -1
  const wanted = await clusterVersion(cluster)
  const launch = await chooseLaunch({ dataDir: options.dataDir, binaries: await findBinaries(), wanted, uid })
  if (wanted === undefined) {
    options.say?.(`setting up Postgres ${launch.version} in ${cluster}`)
    await initialiseCluster({ cluster, password: options.password, launch })
  }
  const { port, settings = {}, tied = false } = options
  return startPostmaster({ cluster, log, launch, port, settings, tied })
}

/** Undefined while it starts. One that is on its way down is hurried, so that a new one can take its place. */
async function whenReady({ found, password }: { found: Postmaster; password: string }) {
  if (found.status === 'stopping') {
    await stopPostmaster(found.pid)
    return undefined
  }
  if (found.port === undefined || found.status !== 'ready') return undefined
  const { pid, port } = found
  return (await canConnect({ port, password })) ? { pid, port } : undefined
}

/** Makes the database at its first use. False while the server does not take us yet, or no more. */
async function canConnect({ port, password }: { port: number; password: string }): Promise<boolean> {
  try {
    await query({ url: urlOf({ port, password, database: 'sluice' }), sql: 'select 1' })
    return true
  } catch (error) {
    const code = asErrno(error)
    if (code === '3D000') {
      await query({ url: urlOf({ port, password, database: 'postgres' }), sql: 'create database sluice' }).catch(
        madeMeanwhile,
      )
      return true
    }
    if (code === '28P01')
      throw new SluiceError('unavailable', {
        message: 'The password file of the data folder does not fit its Postgres.',
        cause: error,
      })
    // Starting up or shutting down, restarted under us, or full: ask again.
    if (['57P03', '53300', '57P01', 'ECONNREFUSED', 'ECONNRESET'].includes(code ?? '')) return false
    throw error
  }
}

function madeMeanwhile(error: unknown): void {
  if (!['42P04', '23505', '55006'].includes(asErrno(error) ?? '')) throw error
}

async function query({ url, sql }: { url: string; sql: string }): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: 'sluice open',
  })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

function urlOf({ port, password, database }: { port: number; password: string; database: string }): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`
}
