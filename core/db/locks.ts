import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { SluiceError } from '../errors.ts'
import { keptAlive } from './kept-alive.ts'
import { answerMs, type openDatabase } from './open.ts'
import type { Trx } from './tasks.ts'

/** A lock that this process holds. `lost` fires when it does so no more, because the connection that held it broke. */
export type HeldLock = { lost: AbortSignal; release(): Promise<void> }

export type Locks = {
  /**
   * Takes a lock of this name, after its holder, in whichever process, was asked to let go. Undefined when it did not in time.
   * `onWanted` hears when somebody who came later asks for it in turn: one who has waited since before may be long gone.
   */
  take(
    name: string,
    options: { waitMs: number; signal?: AbortSignal; onWanted?: () => void },
  ): Promise<HeldLock | undefined>
  close(): Promise<void>
}

type Options = Pick<Parameters<typeof openDatabase>[0], 'url' | 'name' | 'answerMs' | 'onError'>

const channel = 'sluice_locks'
const askAgainMs = 1_000

/**
 * Locks that all processes share, held by one connection of this process however many there are: Postgres lets go of them
 * in the moment in which the process dies.
 */
export function openLocks(options: Options): Locks {
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
      const want: Want = { name, onWanted, since: undefined, holds: false }
      let askedAt = Number.NEGATIVE_INFINITY
      for (;;) {
        signal?.throwIfAborted()
        const here = await connected()
        const lock = await tryTake(here, want)
        if (lock !== undefined) return lock
        if (performance.now() > deadline) return undefined
        if (performance.now() - askedAt > askAgainMs) {
          askedAt = performance.now()
          await askHolder(here, want)
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

/** `since` is Postgres's time, in microseconds, so that all processes agree who came first. */
type Want = { name: string; onWanted: (() => void) | undefined; since: number | undefined; holds: boolean }

type Session = {
  client: pg.Client
  /** One statement after the other, however many want something at once. */
  ask(statement: string, values: (string | null)[]): Promise<pg.QueryResult>
  /** What is held, or being tried for. */
  held: Map<string, Want>
  over: AbortController
}

async function openSession(options: Options): Promise<Session> {
  const client = new pg.Client({
    connectionString: options.url,
    application_name: `${options.name} locks`,
    connectionTimeoutMillis: 10_000,
    ...keptAlive,
    query_timeout: options.answerMs ?? answerMs,
  })
  let last: Promise<unknown> = Promise.resolve()
  const ask = (statement: string, values: (string | null)[]) => {
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
  client.on('notification', ({ payload }) => hear(session, payload ?? ''))
  await client.connect()
  await client.query(`LISTEN ${channel}`)
  return session
}

const clock = 'floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint'

async function askHolder({ ask }: Session, want: Want): Promise<void> {
  const statement = `
    WITH want AS MATERIALIZED (SELECT coalesce($3::bigint, ${clock}) AS since)
    SELECT since, pg_notify($1, since || ' ' || $2) FROM want`
  const { rows } = await ask(statement, [channel, want.name, want.since === undefined ? null : String(want.since)])
  want.since ??= Number(rows[0]?.since)
}

/** Everybody hears every question; one's own is none. */
function hear({ held }: Session, payload: string): void {
  const [, since, name = ''] = /^(\d+) (.*)$/s.exec(payload) ?? []
  const want = held.get(name)
  if (want?.holds && Number(since) > (want.since ?? 0)) want.onWanted?.()
}

/** The session itself could take a lock twice, so names are kept apart here first. */
async function tryTake(session: Session, want: Want): Promise<HeldLock | undefined> {
  const { client, ask, held, over } = session
  const { name } = want
  if (held.has(name)) return undefined
  held.set(name, want)
  let got = false
  try {
    const statement = `SELECT pg_try_advisory_lock(hashtextextended($1, 2)) AS got, ${clock} AS since`
    const { rows } = await ask(statement, [name])
    want.since ??= Number(rows[0]?.since)
    got = rows[0]?.got === true
    want.holds = got
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

/**
 * The same lock for as long as a transaction lasts, where nobody holds it: for a look that comes round again, and asks
 * no holder to let go.
 */
export async function tryLock(trx: Trx, name: string): Promise<boolean> {
  const asked = sql<{ got: boolean }>`SELECT pg_try_advisory_xact_lock(hashtextextended(${name}, 2)) AS got`
  const { rows } = await asked.execute(trx)
  return rows[0]?.got === true
}

async function release({ client, ask, held, over }: Session, name: string): Promise<void> {
  if (over.signal.aborted || !held.has(name)) return
  await ask('SELECT pg_advisory_unlock(hashtextextended($1, 2))', [name]).catch((error: unknown) => {
    over.abort(error)
    client.end().catch(() => undefined)
  })
  held.delete(name)
}
