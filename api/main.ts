import { publicUrl, type ServiceConfig } from '../core/config.ts'
import { freePort } from '../core/db/embedded/free-port.ts'
import { keptSigningSecret } from '../core/db/kept-signing-secret.ts'
import { openLocks } from '../core/db/locks.ts'
import { migrateToLatest } from '../core/db/migrate.ts'
import { openDatabase } from '../core/db/open.ts'
import { armFaultPoint } from '../core/fault-point.ts'
import { createLogger, type Logger } from '../core/logger.ts'
import { diskMeters, foldersOf } from '../core/metrics/disk-meters.ts'
import { meterProcess, openRegistry } from '../core/metrics/registry.ts'
import { storageMeters } from '../core/metrics/storage-meters.ts'
import { isWithin } from '../core/net/address.ts'
import { openMedia } from '../core/open-media.ts'
import { ownVersion } from '../core/own-version.ts'
import { runService } from '../core/run-service.ts'
import { listenForStopAsChild, type Stopping } from '../core/stop-signal.ts'
import { openObjectStores } from '../core/storage/object-stores.ts'
import { refuseUnwritable } from '../core/storage/refuse-unwritable.ts'
import { openTracing } from '../core/tracing/tracing.ts'
import { connectQueues, prepareQueues } from '../queues/connect.ts'
import { createPush } from '../queues/push.ts'
import { refuseUnsafeRedis } from '../queues/refuse-unsafe-redis.ts'
import { createSender } from '../queues/sender.ts'
import { queueTrouble } from '../queues/trouble.ts'
import { buildApp } from './app.ts'
import { apiMeters } from './metrics/api-meters.ts'
import { limitConnections, usualLimits } from './server-limits.ts'

/** The composition root of an API process: makes every part in order and listens. Whatever fails on the way, what was made is unmade, in reverse. */
async function startApi(config: ServiceConfig, log: Logger, { stop }: Stopping): Promise<AsyncDisposableStack> {
  await using parts = new AsyncDisposableStack()
  armFaultPoint(config.FAULT_POINT)
  const registry = openRegistry()
  const meters = { ...storageMeters(registry), ...apiMeters(registry) }
  const tracing = parts.adopt(await openTracing({ config, part: 'api', log }), (it) => it.close())
  meterProcess(registry, { part: 'api', version: await ownVersion() })
  diskMeters(registry, foldersOf(config, 'api'))
  await migrateToLatest({ url: config.DATABASE_URL })
  await refuseUnsafeRedis({ url: config.queueUrl })
  await prepareQueues({ url: config.queueUrl })
  const onError = (err: Error) => log.warn({ err }, 'a database connection broke')
  const db = parts.adopt(openDatabase({ url: config.DATABASE_URL, name: 'sluice api', onError }), (it) => it.destroy())
  const whole = { ...config, SIGNING_SECRET: await keptSigningSecret(db, config) }
  const storage = parts.adopt(await openMedia({ config: whole, db, log, meters, tracing }), (it) => it.close())
  await refuseUnwritable(storage)
  const objects = parts.adopt(openObjectStores({ config, storage }), (it) => it.close())
  const queue = parts.adopt(connectQueues({ url: config.queueUrl, onError: queueTrouble(log) }), (it) => it.close())
  const sender = parts.adopt(createSender(queue), (it) => it.close())
  const push = parts.adopt(createPush({ db, sender, log }), (it) => it.settled())
  const locks = parts.adopt(openLocks({ url: config.DATABASE_URL, name: 'sluice api', onError }), (it) => it.close())
  stop.throwIfAborted()
  const house = { config: whole, db, storage, objects, queue, sender, push, locks, log, meters, tracing }
  const app = parts.adopt(await buildApp(house), (it) => it.close())
  limitConnections(app.server, { limits: usualLimits, isProxy: isProxyOf(config) })
  await app.listen({ host: config.HOST, port: config.PORT })
  return parts.move()
}

/** A proxy on this machine needs no telling. */
const isProxyOf = (config: ServiceConfig) => (address: string) =>
  isWithin(address, ['127.0.0.0/8', '::1', ...config.TRUST_PROXY])

/** `sluice api`: runs until it is asked to stop. */
export async function runApi(given: ServiceConfig, stopping: Stopping = listenForStopAsChild()): Promise<void> {
  // A free port is taken beforehand, because addresses that are handed out bear it.
  const PORT = given.PORT || (await freePort())
  const config = { ...given, PORT, publicUrl: publicUrl({ ...given, PORT }) }
  const log = createLogger({ level: config.LOG_LEVEL, name: 'api' })
  const start = (asked: Stopping) => startApi(config, log, asked)
  await runService({ stopping, graceMs: config.STOP_GRACE * 1_000, log, start })
}
