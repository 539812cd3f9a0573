import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { SluiceError } from '../errors.ts'

/** A lock that this process holds. `lost` fires when it does so no more, because the connection that held it broke. */
export type HeldLock = { lost: AbortSignal; release(): Promise<void> }

export type Locks = {
  /**
   * Takes a lock of this name, after its holder, in whichever process, was asked to let go. Undefined when it did not in time.
   * `onWanted` hears when somebody else asks for it in turn.
   */
  take(
    name: string,
    options: { waitMs: number; signal?: AbortSignal; onWanted?: () => void },
  ): Promise<HeldLock | undefined>
  close(): Promise<void>
}

const channel = 'sluice_locks'
const askAgainMs = 1_000

/**
 * Locks that all processes share, held by one connection of this process however many there are: Postgres lets go of them
 * in the moment in which the process dies.
 */
export function openLocks(options: { url: string; name: string; onError: (error: Error) => void }): Locks {
  let session: Promise<Session> | undefined
  const connected = async (): Promise<Session> => {
    session ??= openSession(options)
    try {
      const found = await session
      if (!found.over.signal.aborted) return found
    } catch (error) {
      session = undefined
      throw error
    }
    session = openSession(options)
    return session
  }
  return {
    async take(name, { waitMs, signal, onWanted }) {
      const deadline = performance.now() + waitMs
      let askedAt = Number.NEGATIVE_INFINITY
      for (;;) {
        signal?.throwIfAborted()
        const here = await connected()
        const lock = await tryTake(here, name, onWanted)
        if (lock !== undefined) return lock
        if (performance.now() > deadline) return undefined
        if (performance.now() - askedAt > askAgainMs) {
          askedAt = performance.now()
          await here.ask('SELECT pg_notify($1, $2)', [channel, name])
        }
        await pause(30 + Math.random() * 40, undefined, { signal })
      }
    },
    async close() {
      const last = session
      session = undefined
      await last?.then(
        (found) => found.client.end(),
        () => undefined,
      )
    },
  }
}

type Session = {
  client: pg.Client
  /** One statement after the other, however many want something at once. */
  ask(statement: string, values: string[]): Promise<pg.QueryResult>
  held: Map<string, (() => void) | undefined>
  over: AbortController
}

async function openSession(options: { url: string; name: string; onError: (error: Error) => void }): Promise<Session> {
  const client = new pg.Client({
    connectionString: options.url,
    application_name: `${options.name} locks`,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    query_timeout: 20_000,
  })
  let last: Promise<unknown> = Promise.resolve()
  const ask = (statement: string, values: string[]) => {
    const answer = last.then(() => client.query(statement, values))
    last = answer.catch(() => undefined)
    return answer
  }
  const session: Session = { client, ask, held: new Map(), over: new AbortController() }
  const end = () =>
    session.over.abort(new SluiceError('unavailable', { message: 'the connection that held the locks broke' }))
  client.on('error', (error) => {
    options.onError(error)
    end()
  })
  client.on('end', end)
  client.on('notification', ({ payload }) => session.held.get(payload ?? '')?.())
  await client.connect()
  await client.query(`LISTEN ${channel}`)
  return session
}

/** The session itself could take a lock twice, so names are kept apart here first. */
async function tryTake(
  session: Session,
  name: string,
  onWanted: (() => void) | undefined,
): Promise<HeldLock | undefined> {
  const { client, ask, held, over } = session
  if (held.has(name)) return undefined
  held.set(name, onWanted)
  let got = false
  try {
    const { rows } = await ask('SELECT pg_try_advisory_lock(hashtextextended($1, 2)) AS got', [name])
    got = rows[0]?.got === true
  } catch (error) {
    // Whether the lock was taken is unknown; the connection's end settles it.
    over.abort(error)
    client.end().catch(() => undefined)
    throw error
  } finally {
    if (!got) held.delete(name)
  }
  return got ? { lost: over.signal, release: () => release(session, name) } : undefined
}

async function release({ client, ask, held, over }: Session, name: string): Promise<void> {
  if (over.signal.aborted || !held.has(name)) return
  await ask('SELECT pg_advisory_unlock(hashtextextended($1, 2))', [name]).catch((error: unknown) => {
    over.abort(error)
    client.end().catch(() => undefined)
  })
  held.delete(name)
}
