import { availableParallelism, hostname } from 'node:os'
import path from 'node:path'
import { type ServiceConfig, widenThreadPool } from '../core/config.ts'
import { keptSigningSecret } from '../core/db/kept-signing-secret.ts'
import { migrateToLatest } from '../core/db/migrate.ts'
import { openDatabase } from '../core/db/open.ts'
import { forgetWorker, tellOfWorker } from '../core/db/workers.ts'
import { armFaultPoint } from '../core/fault-point.ts'
import { createLogger, type Logger } from '../core/logger.ts'
import { diskMeters, foldersOf } from '../core/metrics/disk-meters.ts'
import { meterProcess, openRegistry, type Registry } from '../core/metrics/registry.ts'
import { storageMeters } from '../core/metrics/storage-meters.ts'
import { openMedia } from '../core/open-media.ts'
import { ownVersion } from '../core/own-version.ts'
import { runService } from '../core/run-service.ts'
import { scratchFolder } from '../core/scratch-folder.ts'
import { listenForStopAsChild, type Stopping } from '../core/stop-signal.ts'
import { openObjectStores } from '../core/storage/object-stores.ts'
import { refuseUnwritable } from '../core/storage/refuse-unwritable.ts'
import { openTracing } from '../core/tracing/tracing.ts'
import { within } from '../core/within.ts'
import { connectQueues, prepareQueues } from '../queues/connect.ts'
import type { QueueName } from '../queues/names.ts'
import { createPush } from '../queues/push.ts'
import { refuseUnsafeRedis } from '../queues/refuse-unsafe-redis.ts'
import { createSender } from '../queues/sender.ts'
import { queueTrouble } from '../queues/trouble.ts'
import { atOnce, listenToQueues } from './consume.ts'
import { courtesy } from './courtesy.ts'
import { openImageDesk } from './edges/image-desk.ts'
import { refuseUnsafeTools } from './edges/refuse-unsafe-tools.ts'
import { resolveBy } from './edges/resolve.ts'
import { missingFrom } from './edges/sandbox.ts'
import { openScratch } from './edges/scratch.ts'
import { openSourceCache } from './edges/source-cache.ts'
import { findTools } from './edges/tools.ts'
import { type House, type Timings, timings as usual } from './house.ts'
import { memoryGate } from './memory-gate.ts'
import { memoryShare, sharing } from './memory-share.ts'
import { workerMeters } from './meters.ts'
import { listenForScrapes } from './metrics-listener.ts'
import type { Pace } from './notify/pace.ts'
import { startDeliveries } from './notify/start-deliveries.ts'
import { turnstile } from './turnstile.ts'
import { houseChores } from './upkeep/chores.ts'
import { startTimetable } from './upkeep/timetable.ts'

export type WorkerOptions = {
  queues?: QueueName[]
  concurrency?: Partial<Record<QueueName, number>>
  timings?: Timings
  /** Of deliveries to webhooks. */
  pace?: Pace
}

type Starting = { config: ServiceConfig; options: WorkerOptions; log: Logger; stopping: Stopping }

/** The composition root of a worker process: makes every part in order and takes tasks. Whatever fails on the way, what was made is unmade, in reverse. */
async function startWorker({ config, options, log, stopping }: Starting): Promise<AsyncDisposableStack> {
  await using parts = new AsyncDisposableStack()
  armFaultPoint(config.FAULT_POINT)
  widenThreadPool(poolThreads)
  const name = `${hostname()}:${process.pid}`
  const { timings = usual, pace, ...taking } = options
  const { stop, hurry } = stopping
  const registry = openRegistry()
  const tracing = parts.adopt(await openTracing({ config, part: 'worker', log }), (it) => it.close())
  const meters = { ...storageMeters(registry), ...workerMeters(registry) }
  // First, so that a version which may not run here leaves nothing behind.
  await migrateToLatest({ url: config.DATABASE_URL })
  const { FFMPEG_PATH: ffmpegPath, FFPROBE_PATH: ffprobePath, searchPath } = config
  const tools = await findTools({ ffmpegPath, ffprobePath, searchPath, cpus: cpusEach(taking) })
  await refuseUnsafeTools(tools)
  stop.throwIfAborted()
  const shared = scratchFolder(config)
  const scratch = parts.adopt(await openScratch(shared), (it) => it.close())
  const sources = await openSourceCache({ dir: path.join(shared, 'sources'), maxBytes: config.SCRATCH_BYTES })
  await refuseUnsafeRedis({ url: config.queueUrl })
  await prepareQueues({ url: config.queueUrl })
  stop.throwIfAborted()

  const onError = (err: Error) => log.warn({ err }, 'a database connection broke')
  const pool = { url: config.DATABASE_URL, name: 'sluice worker', onError }
  const db = parts.adopt(openDatabase({ ...pool, connections: 20 }), (it) => it.destroy())
  const pulse = parts.adopt(openDatabase({ ...pool, connections: 2 }), (it) => it.destroy())
  const whole = { ...config, SIGNING_SECRET: await keptSigningSecret(db, config) }
  const storage = parts.adopt(await openMedia({ config: whole, db, log, meters, tracing }), (it) => it.close())
  await refuseUnwritable(storage)
  const objects = parts.adopt(openObjectStores({ config, storage }), (it) => it.close())
  const queue = parts.adopt(connectQueues({ url: config.queueUrl, onError: queueTrouble(log) }), (it) => it.close())
  const sender = parts.adopt(createSender(queue), (it) => it.close())
  const push = parts.adopt(createPush({ db, sender, log }), (it) => it.settled())
  const memory = memoryGate({ capacity: config.WORKER_MEMORY ?? memoryShare({ workers: await scratch.workers() }) })
  const shares = config.WORKER_MEMORY === undefined ? [sharing({ memory, workers: scratch.workers })] : []
  const mine = { name, config, log, timings, scratchDir: scratch.dir }
  const growths = turnstile({ most: mostGrowths })
  const images = parts.adopt(openImageDesk({ sandbox: tools.sandbox }), (it) => it.close())
  const resolve = resolveBy(config.DNS_SERVERS)
  const house: House = {
    ...mine,
    db,
    pulse,
    storage,
    objects,
    tools,
    images,
    push,
    growths,
    courtesy: courtesy(),
    memory,
    sources,
    resolve,
    meters,
    tracing,
  }
  const missing = missingFrom(tools.sandbox)
  // One that cannot say goodbye is not counted after a minute.
  parts.defer(() => within(1_000, forgetWorker(pulse, name)).catch(() => undefined))
  const walls = { name: 'walls', everyMs: 15_000, run: () => tellOfWorker(pulse, { name, missing }) }
  parts.adopt(startTimetable({ chores: [...houseChores({ house, sender }), ...shares, walls], log }), (it) => it.stop())
  if (config.METRICS_PORT !== undefined) await showMetrics({ config, port: config.METRICS_PORT, registry, parts })
  stop.throwIfAborted()
  const graceMs = config.STOP_GRACE * 1_000
  parts.adopt(listenToQueues({ house, queue, graceMs, hurry, ...taking }), (it) => it.close())
  if (taking.queues?.includes('notify') ?? true) {
    const notify = taking.concurrency?.notify ?? atOnce().notify
    parts.adopt(startDeliveries({ house, concurrency: notify, graceMs: graceMs * 0.4, ...(pace && { pace }) }), (it) =>
      it.close(),
    )
  }
  if (missing.length > 0) log.warn({ missing }, 'ffmpeg runs without a part of its sandbox here')
  log.info({ ffmpeg: tools.version, backend: queue.backend, cores: availableParallelism() }, 'worker takes tasks')
  return parts.move()
}

type Showing = { config: ServiceConfig; port: number; registry: Registry; parts: AsyncDisposableStack }

async function showMetrics({ config, port, registry, parts }: Showing): Promise<void> {
  meterProcess(registry, { part: 'worker', version: await ownVersion() })
  diskMeters(registry, foldersOf(config, 'worker'))
  const { METRICS_HOST: host, METRICS_TOKEN: token } = config
  parts.adopt(await listenForScrapes({ host, port, token, registry }), (it) => it.close())
}

/** Names are resolved in Node's pool of threads, which files and pictures share: so many that names nobody answers for cannot fill it. */
const poolThreads = 96

/** Each keeps one of the pool's connections for as long as storage takes. */
const mostGrowths = 4

/** Past this many threads an encoder gains little, and takes memory for each. */
const mostCpus = 16

/** The processors that this process may use, shared out among the encoders that it runs at once. */
function cpusEach({ concurrency }: WorkerOptions): number {
  const cores = availableParallelism()
  return Math.min(mostCpus, Math.ceil(cores / Math.max(1, (concurrency?.video ?? atOnce(cores).video) - 1)))
}

/** `sluice worker`: runs until it is asked to stop. */
export async function runWorker(
  config: ServiceConfig,
  options: WorkerOptions,
  stopping: Stopping = listenForStopAsChild(),
): Promise<void> {
  const log = createLogger({ level: config.LOG_LEVEL, name: 'worker' })
  const start = (asked: Stopping) => startWorker({ config, options, log, stopping: asked })
  await runService({ stopping, graceMs: config.STOP_GRACE * 1_000, log, start })
}
