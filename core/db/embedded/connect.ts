import type pg from 'pg'
import { SluiceError } from '../../errors.ts'
import { asErrno } from './errno.ts'
import { connect, holderLock, lockSpace, tryLock, userLock } from './holder.ts'
import { openEmbedded } from './open.ts'

export type EmbeddedUse = {
  url: string
  /** Stops the server if nobody else uses it, no `up` and no other command. */
  release(): Promise<void>
}

/** The embedded database for a passing command: the running one, or one that lasts as long as somebody uses it. */
export async function connectEmbedded(options: {
  dataDir: string
  say?: ((line: string) => void) | undefined
}): Promise<EmbeddedUse> {
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const server = await openEmbedded(options)
    const client = await joinUsers(server.url)
    // Undefined: the last user before us stopped it in this very moment. Then it is ours to start.
    if (client !== undefined) return { url: server.url, release: () => leaveUsers({ client, stop: server.stop }) }
  }
  throw new SluiceError('unavailable', { message: `The Postgres of ${options.dataDir} is stopped again and again` })
}

async function joinUsers(url: string): Promise<pg.Client | undefined> {
  try {
    const client = await connect({ url, name: `sluice command ${process.pid}` })
    // The command notices a broken server by its own connections; this one only marks its presence.
    client.on('error', () => undefined)
    await client.query('select pg_advisory_lock_shared($1, $2)', [lockSpace, userLock])
    return client
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

/** The last user holds both locks while the server stops, so that nobody can come in between unnoticed. */
async function leaveUsers({ client, stop }: { client: pg.Client; stop: () => Promise<void> }): Promise<void> {
  try {
    await client.query('select pg_advisory_unlock_shared($1, $2)', [lockSpace, userLock])
    const last = (await tryLock({ client, lock: userLock })) && (await tryLock({ client, lock: holderLock }))
    if (last) await stop()
    else await client.end()
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

function isGone(error: unknown): boolean {
  if (error instanceof Error && /Connection terminated|not queryable|Client was closed/.test(error.message)) return true
  return ['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(asErrno(error) ?? '')
}
