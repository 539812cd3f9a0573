import pg from 'pg'
import { openEmbedded } from '../../core/db/embedded/open.ts'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import { startRedis } from '../servers/redis.ts'

/** A server that can be killed like a process, and comes back at the same port. */
export type KillableServer = {
  url: string
  port: number
  pid(): number
  /** Like a crash: nothing is said, nothing is saved. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

/** Does not wait for the disk: what is tried is the death of processes, not of power. */
const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '300', log_min_messages: 'fatal' }

/** `kill` is an immediate shutdown: no checkpoint, recovery at the next start. */
export async function killablePostgres(folder: string): Promise<KillableServer> {
  let running = await openEmbedded({ dataDir: folder, tied: true, settings })
  const { url, port } = running
  return {
    url,
    port,
    pid: () => running.pid,
    async kill() {
      process.kill(running.pid, 'SIGQUIT')
      await waitUntil({
        what: 'The end of Postgres',
        timeoutMs: 30_000,
        ask: async () => ((await running.isRunning()) ? undefined : true),
      })
    },
    async start() {
      running = await openEmbedded({ dataDir: folder, tied: true, settings, port })
    },
    stop: () => running.stop(),
  }
}

/** Keeps nothing on disk, so that each start is an empty one. */
export async function killableRedis(folder: string): Promise<KillableServer> {
  let running = await startRedis({ folder })
  const port = Number(new URL(running.url).port)
  return {
    url: running.url,
    port,
    pid: () => running.pid,
    async kill() {
      process.kill(running.pid, 'SIGKILL')
      await running.stop()
    },
    async start() {
      running = await startRedis({ folder, port })
    },
    stop: () => running.stop(),
  }
}

/** One statement over a connection of its own, past every proxy. */
export async function ask<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Row>(text, values)).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

export const throughPort = (url: string, port: number): string => {
  const address = new URL(url)
  address.port = String(port)
  return address.href
}
