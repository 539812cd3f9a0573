import { type ChildProcess, spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../../errors.ts'
import { ownBy } from './cluster.ts'
import { freePort } from './free-port.ts'
import type { Launch } from './launch.ts'
import { openLogFile } from './log-file.ts'
import { findPostmaster } from './postmaster.ts'
import { runQuietly } from './run-quietly.ts'
import { waitUntil } from './wait-until.ts'

type Start = {
  cluster: string
  log: string
  launch: Launch
  port?: number | undefined
  /** Ends with the process that started it, however that ends. Where the system cannot do that, it stays and is adopted. */
  tied: boolean
  settings?: Record<string, string>
}

/** Starts a postmaster on 127.0.0.1 and waits until it is ready, or ended because another one was faster (undefined). */
export async function startPostmaster(start: Start): Promise<number | undefined> {
  await ownBy({ path: start.cluster, owner: start.launch.owner })
  const port = start.port ?? (await freePort())
  const log = await openLogFile(start.log)
  const offset = (await log.stat()).size
  const child = spawnPostgres({ ...start, port, logFd: log.fd, tie: start.tied ? await tie() : [] })
  await log.close()
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`))
  })
  let end: string | undefined
  ended.then((reason) => {
    end = reason
  })
  await waitUntil({
    what: 'The start of Postgres',
    timeoutMs: 120_000,
    ask: async () => {
      if (end !== undefined) return true
      const found = await findPostmaster(start.cluster)
      return found?.pid === child.pid && found?.status === 'ready' ? true : undefined
    },
  })
  if (end === undefined) return child.pid
  const said = await readFrom({ file: start.log, offset })
  if (said.includes('lock file "postmaster.pid"') || said.includes('shared memory block')) return undefined
  throw new SluiceError('unavailable', { message: `Postgres did not start (${end}): ${said.trim().slice(-2000)}` })
}

function spawnPostgres(options: Start & { port: number; logFd: number; tie: string[] }): ChildProcess {
  const { launch } = options
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    log_line_prefix: '%m [%p] ',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...options.settings,
  }
  const [file = '', ...args] = [
    ...launch.prefix,
    ...options.tie,
    join(launch.bin, 'postgres'),
    '-D',
    options.cluster,
    '-p',
    String(options.port),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const child = spawn(file, args, {
    cwd: '/',
    // A session of its own: Ctrl-C in the terminal is for its starter, who stops it last.
    detached: true,
    stdio: ['ignore', options.logFd, options.logFd],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    ...(launch.uid === undefined ? {} : { uid: launch.uid }),
    ...(launch.gid === undefined ? {} : { gid: launch.gid }),
  })
  child.unref()
  return child
}

/** SIGTERM at the death of the starter is Postgres's smart shutdown: open sessions may finish, then it ends. */
async function tie(): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const argv = ['setpriv', '--pdeathsig', 'TERM', '--']
  const ran = await runQuietly({ argv: [...argv, '/bin/true'] })
  return ran.code === 0 ? argv : []
}

async function readFrom({ file, offset }: { file: string; offset: number }): Promise<string> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(64 * 1024), position: offset })
    return buffer.subarray(0, bytesRead).toString('utf8')
  } finally {
    await handle.close()
  }
}
