import pg from 'pg'
import { isRunning } from './processes.ts'
import { waitUntil } from './wait-until.ts'

/** The advisory locks of a data folder: one `up` holds it, any number of passing commands use it. */
export const lockSpace = 1_937_075_555
export const holderLock = 1
export const userLock = 2

export type Holder = { pid: number; address: string }

export type Held = {
  /** Called once, when the connection that bears the lock breaks. */
  onLost(listener: (error: Error) => void): void
  release(): Promise<void>
}

/** Takes the data folder for one `up`. Postgres itself frees it when the holder dies, however it dies. */
export async function holdDataFolder(options: {
  url: string
  address: string
  /** Which lock, where several data folders share one database. */
  lock?: number
}): Promise<{ held: Held } | { holder: Holder }> {
  const client = await connect({ url: options.url, name: `sluice up ${process.pid} ${options.address}` })
  const lock = options.lock ?? holderLock
  try {
    const answer = await waitUntil({
      what: 'The lock of the data folder',
      timeoutMs: 15_000,
      ask: async () => {
        if (await tryLock({ client, lock })) return { held: heldBy(client) }
        const name = await lockedBy({ client, lock })
        const [, pid, address] = /^sluice up (\d+) (\S*)/.exec(name ?? '') ?? []
        // A command that is just about to stop the server, or a dead holder that Postgres has yet to notice: soon over.
        if (pid === undefined || address === undefined || !(await isRunning(Number(pid)))) return undefined
        return { holder: { pid: Number(pid), address } }
      },
    })
    if ('holder' in answer) await client.end()
    return answer
  } catch (error) {
    await client.end()
    throw error
  }
}

/** A session of its own, whose breaking is for its owner to hear. */
export async function connect({ url, name }: { url: string; name: string }): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: name.slice(0, 63),
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  await client.connect()
  return client
}

export async function tryLock({ client, lock }: { client: pg.Client; lock: number }): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', [lockSpace, lock])
  return rows[0]?.got === true
}

async function lockedBy({ client, lock }: { client: pg.Client; lock: number }): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and l.classid = $1 and l.objid = $2
       and l.database = (select oid from pg_database where datname = current_database())`,
    [lockSpace, lock],
  )
  return rows[0]?.name
}

function heldBy(client: pg.Client): Held {
  let lost: Error | undefined
  let listener: ((error: Error) => void) | undefined
  client.on('error', (error) => {
    lost ??= error
    listener?.(error)
    listener = undefined
  })
  return {
    onLost(added) {
      if (lost) added(lost)
      else listener = added
    },
    async release() {
      listener = undefined
      if (lost === undefined) await client.end()
    },
  }
}
