import type { ServiceConfig } from '../core/config.ts'
import { migrateToLatest } from '../core/db/migrate.ts'
import { openDatabase } from '../core/db/open.ts'
import { createLogger } from '../core/logger.ts'
import { openStorage } from '../core/storage/open.ts'
import { storageSettings } from '../core/storage/settings.ts'
import { untilStopped } from '../core/until-stopped.ts'
import { connectQueues, prepareQueues } from '../queues/connect.ts'
import { createPush } from '../queues/push.ts'
import { createSender } from '../queues/sender.ts'
import { queueTrouble } from '../queues/trouble.ts'
import { buildApp } from './app.ts'

/** The composition root of an API process: makes every part in order, listens, and unmakes them in reverse. */
async function startApi(config: ServiceConfig): Promise<{ url: string; close(): Promise<void> }> {
  const { DATABASE_URL: databaseUrl, queueUrl } = config
  const log = createLogger({ level: config.LOG_LEVEL, name: 'api' })
  await migrateToLatest({ url: databaseUrl })
  await prepareQueues({ url: queueUrl })
  const db = openDatabase({
    url: databaseUrl,
    name: 'sluice api',
    onError: (err) => log.warn({ err }, 'a database connection broke'),
  })
  const queue = connectQueues({ url: queueUrl, onError: queueTrouble(log) })
  const sender = createSender(queue)
  const push = createPush({ db, sender, log })
  const storage = await openStorage(storageSettings(config))
  const app = await buildApp({ config, db, storage, queue, sender, push, log })
  const url = await app.listen({ host: config.HOST, port: config.PORT })
  log.info({ url }, 'api listens')
  return {
    url,
    async close() {
      await app.close()
      await push.settled()
      await sender.close()
      await queue.close()
      await storage.close()
      await db.destroy()
    },
  }
}

/** `sluice api`: runs until it is asked to stop. */
export async function runApi(config: ServiceConfig): Promise<void> {
  const api = await startApi(config)
  await untilStopped()
  await api.close()
}
