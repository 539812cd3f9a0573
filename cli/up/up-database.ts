import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { type Held, type Holder, holdDataFolder } from '../../core/db/embedded/holder.ts'
import { type Embedded, openEmbedded } from '../../core/db/embedded/open.ts'

export type UpDatabase = { url: string; close(): Promise<void> }

type Options = {
  dataDir: string
  address: string
  /** The owner's own database; without it the embedded one. */
  givenUrl: string | undefined
  say: (line: string) => void
  stop: AbortSignal
  /** Somebody else has taken the folder while our lock was lost. */
  onTaken: (holder: Holder) => void
}

/** The database of one `up`, with the lock that makes this `up` the only one on its data folder. Both are kept up while it runs. */
export async function openUpDatabase(options: Options): Promise<{ database: UpDatabase } | { holder: Holder }> {
  const { dataDir, say } = options
  const lock = options.givenUrl === undefined ? {} : { lock: lockOf(dataDir) }
  let server = await startServer({ ...options, port: undefined })
  const answer = await holdDataFolder({ url: server.url, address: options.address, ...lock })
  if ('holder' in answer) return answer
  let held = answer.held
  let closing = false

  const watch = () => held.onLost(() => void revive())
  const revive = async () => {
    while (!closing && !options.stop.aborted) {
      try {
        say('the database was lost; bringing it back')
        server = await startServer({ ...options, port: server.port })
        const again = await holdDataFolder({ url: server.url, address: options.address, ...lock })
        if ('holder' in again) return options.onTaken(again.holder)
        held = again.held
        say('the database is back')
        return watch()
      } catch (error) {
        say(`the database: ${error instanceof Error ? error.message : String(error)}`)
        await pause(1_000)
      }
    }
  }
  watch()
  const close = async () => {
    closing = true
    await closeAll({ held, server })
  }
  return { database: { url: server.url, close } }
}

type Server = { url: string; port: number | undefined; embedded: Embedded | undefined }

async function startServer(options: Options & { port: number | undefined }): Promise<Server> {
  if (options.givenUrl !== undefined) return { url: options.givenUrl, port: undefined, embedded: undefined }
  const { dataDir, say, port } = options
  for (;;) {
    const embedded = await openEmbedded({ dataDir, say, port, tied: true })
    // The processes know the old port, so one that a command started elsewhere meanwhile must give way.
    if (port === undefined || embedded.port === port) return { url: embedded.url, port: embedded.port, embedded }
    await embedded.stop()
  }
}

async function closeAll({ held, server }: { held: Held; server: Server }): Promise<void> {
  await held.release()
  await server.embedded?.stop()
}

/** In a database that many share, a lock of its own for each machine and folder. */
function lockOf(dataDir: string): number {
  return createHash('sha256').update(`${hostname()}\0${dataDir}`).digest().readInt32BE(0)
}
