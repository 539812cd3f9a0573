import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, vi } from 'vitest'
import { type ApiMeters, apiMeters } from '../../api/metrics/api-meters.ts'
import { acceptAsset } from '../../core/accept.ts'
import { loadConfig } from '../../core/config.ts'
import { type Locks, openLocks } from '../../core/db/locks.ts'
import { openDatabase } from '../../core/db/open.ts'
import { insertTasks, type NewTask, type Reminder, type Task } from '../../core/db/tasks.ts'
import { createLogger } from '../../core/logger.ts'
import { openRegistry } from '../../core/metrics/registry.ts'
import { type StorageMeters, storageMeters } from '../../core/metrics/storage-meters.ts'
import { openMedia } from '../../core/open-media.ts'
import { openObjectStores } from '../../core/storage/object-stores.ts'
import { queuePriority, type TaskKind, taskKinds } from '../../core/task-kinds.ts'
import { openTracing } from '../../core/tracing/tracing.ts'
import { connectQueues, prepareQueues } from '../../queues/connect.ts'
import { createPush } from '../../queues/push.ts'
import { createSender } from '../../queues/sender.ts'
import { courtesy } from '../../workers/courtesy.ts'
import { openImageDesk } from '../../workers/edges/image-desk.ts'
import { resolveBy } from '../../workers/edges/resolve.ts'
import { openSourceCache } from '../../workers/edges/source-cache.ts'
import { findTools } from '../../workers/edges/tools.ts'
import type { Handler, House, Timings } from '../../workers/house.ts'
import { memoryGate } from '../../workers/memory-gate.ts'
import { workerMeters } from '../../workers/meters.ts'
import { turnstile } from '../../workers/turnstile.ts'
import { atEnd } from './at-end.ts'
import { testDatabase } from './database.ts'

/** All is soon, but for the lease: a busy machine must not cost a task its worker. Who tests its end makes it short. */
const quick: Timings = { leaseMs: 60_000, beatMs: 100, relayMs: 50, sweepMs: 100, lostMs: 100, quietMs: 200 }

export type TestHouse = House & {
  databaseUrl: string
  sender: ReturnType<typeof createSender>
  locks: Locks
  queue: ReturnType<typeof connectQueues>
  /** Of an API and a worker in one. */
  meters: ApiMeters & House['meters'] & StorageMeters
}

/** Every part of a worker for real, on a database and a folder of its own. Unmade after the file's last test. */
export async function testHouse(
  options: { queueUrl?: string; timings?: Partial<Timings>; env?: Record<string, string> } = {},
): Promise<TestHouse> {
  const { url } = await testDatabase()
  const queueUrl = options.queueUrl ?? url
  await prepareQueues({ url: queueUrl })
  const folder = await mkdtemp(path.join(tmpdir(), 'house-'))
  const env = {
    DATABASE_URL: url,
    QUEUE_URL: queueUrl,
    AUTH: 'none',
    STORAGE_DIR: path.join(folder, 'media'),
    LOG_LEVEL: 'silent',
    SIGNING_SECRET: 'the secret of a test house',
    ...options.env,
  }
  const config = loadConfig(env)
  const log = createLogger({ level: config.LOG_LEVEL, name: 'test' })
  const onError = (err: Error) => log.warn({ err }, 'a connection broke')
  const db = openDatabase({ url, name: 'test', onError })
  const pulse = openDatabase({ url, name: 'test', connections: 2, onError })
  const locks = openLocks({ url, name: 'test', onError })
  const queue = connectQueues({ url: queueUrl, onError })
  const sender = createSender(queue)
  const push = createPush({ db, sender, log })
  const tracing = await openTracing({ config, part: 'worker', log })
  const registry = openRegistry()
  const meters = { ...storageMeters(registry), ...apiMeters(registry), ...workerMeters(registry) }
  const storage = await openMedia({ config, db, log, meters, tracing, countsMs: 100 })
  const objects = openObjectStores({ config, storage })
  const tools = await findTools({})
  const images = openImageDesk({ sandbox: tools.sandbox })
  const sources = await openSourceCache({ dir: path.join(folder, 'sources'), maxBytes: config.SCRATCH_BYTES })
  atEnd(async () => {
    await tracing.close()
    await images.close()
    await push.settled()
    await sender.close()
    await queue.close()
    await objects.close()
    await storage.close()
    await locks.close()
    await db.destroy()
    await pulse.destroy()
    await rm(folder, { recursive: true, force: true })
  })
  const timings = { ...quick, ...options.timings }
  return {
    name: 'test:1',
    config,
    db,
    pulse,
    storage,
    objects,
    tools,
    images,
    push,
    growths: turnstile({ most: 4 }),
    courtesy: courtesy(),
    log,
    timings,
    memory: memoryGate({ capacity: 8 * 2 ** 30 }),
    scratchDir: path.join(folder, 'scratch'),
    sources,
    resolve: resolveBy(config.DNS_SERVERS),
    meters,
    tracing,
    databaseUrl: url,
    sender,
    locks,
    queue,
  }
}

/** Handlers that refuse to be called, but for those a test is about. */
export function onlyHandlers(own: Partial<Record<TaskKind, Handler>>): Record<TaskKind, Handler> {
  const refuse =
    (kind: string): Handler =>
    async () => {
      throw new Error(`this test runs no ${kind}`)
    }
  const kinds = Object.keys(taskKinds) as TaskKind[]
  return Object.fromEntries(kinds.map((kind) => [kind, own[kind] ?? refuse(kind)])) as Record<TaskKind, Handler>
}

/** An asset that waits to be fetched, with its first task; nothing has been sent to the queue. */
export async function waitingAsset(house: TestHouse, externalId?: string) {
  const accepted = await acceptAsset(house, {
    tenant: 'default',
    externalId,
    source: { type: 'url', url: 'https://example.com/a.mp4' },
  })
  const [reminder] = accepted.reminders
  if (reminder === undefined) throw new Error('the asset has no first task')
  return { asset: accepted.asset, reminder, taskId: reminder.taskId }
}

export async function addTask(
  house: TestHouse,
  task: Pick<NewTask, 'assetId' | 'key'> & Partial<NewTask>,
): Promise<Reminder | undefined> {
  const whole = { generation: 1, params: {}, queuePriority: queuePriority({ priority: 'normal' }), ...task }
  return (await house.db.transaction().execute((trx) => insertTasks(trx, [whole])))[0]
}

/** Waits until heartbeats have moved the end of a task's lease on, more than once. */
export async function heartBeats(house: TestHouse, taskId: string): Promise<void> {
  const ends = new Set<number>()
  await vi.waitFor(async () => {
    const row = house.pulse.selectFrom('tasks').select('lease_until').where('id', '=', taskId)
    ends.add((await row.executeTakeFirstOrThrow()).lease_until?.getTime() ?? 0)
    expect(ends.size).toBeGreaterThan(3)
  })
}

export async function readTask(house: TestHouse, id: string): Promise<Task> {
  return house.db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

export async function readAsset(house: Pick<TestHouse, 'db'>, id: string) {
  return house.db.selectFrom('assets').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}
