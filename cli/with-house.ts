import type { ServiceConfig } from '../core/config.ts'
import { keptSigningSecret } from '../core/db/kept-signing-secret.ts'
import { migrateToLatest } from '../core/db/migrate.ts'
import { type Database, openDatabase } from '../core/db/open.ts'
import { createLogger } from '../core/logger.ts'
import { openMedia } from '../core/open-media.ts'
import { type ObjectStores, openObjectStores } from '../core/storage/object-stores.ts'
import type { Storage } from '../core/storage/storage.ts'
import { connectQueues, prepareQueues } from '../queues/connect.ts'
import { createPush, type Push } from '../queues/push.ts'
import { createSender } from '../queues/sender.ts'
import { withDatabaseUrl } from './database-url.ts'
import type { Where } from './options.ts'

export type DatabaseHouse = { config: ServiceConfig; db: Database }
export type CliHouse = DatabaseHouse & { storage: Storage; objects: ObjectStores; push: Push }

/** For commands that only read or write rows. */
export async function withDatabase<Result>(
  where: Where,
  work: (house: DatabaseHouse) => Promise<Result>,
): Promise<Result> {
  return withDatabaseUrl(where, async (config) => {
    await migrateToLatest({ url: config.DATABASE_URL })
    const onError = (error: Error) => console.error(error.message)
    const db = openDatabase({ url: config.DATABASE_URL, name: 'sluice command', connections: 4, onError })
    try {
      return await work({ config, db })
    } finally {
      await db.destroy()
    }
  })
}

/** For commands that begin work: what they commit is told to the queue at once. Where the queue is away, a worker's relay tells it. */
export async function withHouse<Result>(where: Where, work: (house: CliHouse) => Promise<Result>): Promise<Result> {
  return withDatabase(where, async ({ config, db }) => {
    await using parts = new AsyncDisposableStack()
    const log = createLogger({ level: 'silent', name: 'cli' })
    const whole = { ...config, SIGNING_SECRET: await keptSigningSecret(db, config) }
    const storage = parts.adopt(await openMedia({ config: whole, db, log }), (it) => it.close())
    const objects = parts.adopt(openObjectStores({ config, storage }), (it) => it.close())
    await prepareQueues({ url: config.queueUrl })
    const queue = parts.adopt(connectQueues({ url: config.queueUrl, onError: () => undefined }), (it) => it.close())
    const sender = parts.adopt(createSender(queue), (it) => it.close())
    const push = parts.adopt(createPush({ db, sender, log }), (it) => it.settled())
    // Waited for here: what it works with is unmade at the end of this.
    return await work({ config: whole, db, storage, objects, push })
  })
}
