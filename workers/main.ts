import { availableParallelism, hostname, tmpdir } from 'node:os'
import path from 'node:path'
import type { ServiceConfig } from '../core/config.ts'
import { migrateToLatest } from '../core/db/migrate.ts'
import { openDatabase } from '../core/db/open.ts'
import { createLogger } from '../core/logger.ts'
import { openStorage } from '../core/storage/open.ts'
import { storageSettings } from '../core/storage/settings.ts'
import { untilStopped } from '../core/until-stopped.ts'
import { connectQueues, prepareQueues } from '../queues/connect.ts'
import type { QueueName } from '../queues/names.ts'
import { createPush } from '../queues/push.ts'
import { createSender } from '../queues/sender.ts'
import { queueTrouble } from '../queues/trouble.ts'
import { listenToQueues } from './consume.ts'
import { openScratch } from './edges/scratch.ts'
import { findTools } from './edges/tools.ts'
import type { House } from './house.ts'
import { timings } from './house.ts'
import { houseChores } from './upkeep/chores.ts'
import { startTimetable } from './upkeep/timetable.ts'

export type WorkerOptions = { queues?: QueueName[]; concurrency?: Partial<Record<QueueName, number>> }

/** The composition root of a worker process: makes every part in order, takes tasks, and unmakes the parts in reverse. */
async function startWorker(config: ServiceConfig, options: WorkerOptions = {}): Promise<{ close(): Promise<void> }> {
  const { DATABASE_URL: databaseUrl, queueUrl } = config
  const name = `${hostname()}:${process.pid}`
  const log = createLogger({ level: config.LOG_LEVEL, name: 'worker' })
  const tools = await findTools({
    ffmpegPath: config.FFMPEG_PATH,
    ffprobePath: config.FFPROBE_PATH,
    searchPath: config.searchPath,
  })
  const scratch = await openScratch(path.resolve(config.SCRATCH_DIR ?? path.join(tmpdir(), 'sluice')))
  await migrateToLatest({ url: databaseUrl })
  await prepareQueues({ url: queueUrl })

  const db = openDatabase({
    url: databaseUrl,
    name: 'sluice worker',
    onError: (err) => log.warn({ err }, 'a database connection broke'),
  })
  const queue = connectQueues({ url: queueUrl, onError: queueTrouble(log) })
  const sender = createSender(queue)
  const push = createPush({ db, sender, log })
  const storage = await openStorage(storageSettings(config))
  const house: House = { name, config, db, storage, tools, push, log, timings, scratchDir: scratch.dir }
  const consumers = listenToQueues({ house, queue, ...options })
  const timetable = startTimetable({ chores: houseChores({ house, sender }), log })
  log.info({ ffmpeg: tools.version, backend: queue.backend, cores: availableParallelism() }, 'worker takes tasks')
  return {
    async close() {
      await consumers.close()
      await timetable.stop()
      await push.settled()
      await sender.close()
      await queue.close()
      await storage.close()
      await db.destroy()
      await scratch.close()
    },
  }
}

/** `sluice worker`: runs until it is asked to stop. */
export async function runWorker(config: ServiceConfig, options: WorkerOptions): Promise<void> {
  const worker = await startWorker(config, options)
  process.send?.('ready')
  await untilStopped()
  await worker.close()
}
