import {
  createPostgresBackend,
  type Job,
  type PostgresConnectionOptions,
  Queue,
  runMigrations,
  Worker,
  type WorkerOptions,
  withBackend,
} from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'
import { keptAlive } from '../core/db/kept-alive.ts'
import { hangUpUnanswered } from './hang-up-unanswered.ts'
import { queuePrefix } from './names.ts'

export type Processor = (job: Job, token: string | undefined, signal: AbortSignal | undefined) => Promise<unknown>

/** What we use of a BullMQ queue and worker: the same on both backends, whose classes differ in type. */
export type QueueHandle = Pick<Queue, 'name' | 'add' | 'addBulk' | 'getJobState' | 'getJobCounts' | 'close'>
export type WorkerHandle = Pick<Worker, 'name' | 'close' | 'waitUntilReady' | 'isRunning' | 'pause'>

/** BullMQ on Redis or on Postgres, behind one setting. Whoever connects, closes. */
export type QueueConnection = {
  readonly backend: 'redis' | 'postgres'
  queue(name: string): QueueHandle
  worker(name: string, process: Processor, options: Omit<WorkerOptions, 'connection' | 'prefix'>): WorkerHandle
  /** Waits a little for the server; throws when it stays away. Whoever sends calls this first, so that nothing piles up behind a dead server. */
  whenReady(): Promise<void>
  /** Throws when the server does not answer. */
  check(): Promise<void>
  close(): Promise<void>
}

type Options = {
  url: string
  onError: (error: Error) => void
  /** How long a server that says nothing is believed to be there. */
  silenceMs?: number
  /** For those whose jobs are all there is of what they say. Ours only remind of rows, and need not wait for a disk. */
  durable?: boolean
}

export function connectQueues(options: Options): QueueConnection {
  return /^rediss?:/.test(options.url) ? connectRedis(options) : connectPostgres(options)
}

/**
 * Commands wait for Redis to come back: BullMQ asks for its version once when a queue is made, and were that one answer
 * lost, the queue would fail for ever. Senders do not wait with them: `whenReady` first, and a limit on every send.
 */
function connectRedis({ url, onError, silenceMs = 20_000 }: Options): QueueConnection {
  const retryStrategy = (times: number) => Math.min(2_000, 50 * 2 ** Math.min(times, 6))
  // BullMQ's longest wait for a job is 10 s. Past that no answer comes any more: a network may have forgotten the connection.
  const alive = { keepAlive: 10_000, connectTimeout: 5_000, socketTimeout: silenceMs }
  const patient = { ...alive, retryStrategy, maxRetriesPerRequest: null }
  const sending = new Redis(url, patient)
  const working = new Redis(url, patient)
  // Every queue and worker of the process listens on them, by intent.
  for (const client of [sending, working]) client.setMaxListeners(listeners).on('error', onError)
  return {
    backend: 'redis',
    queue(name) {
      const queue = new Queue(name, { connection: sending, prefix: queuePrefix })
      queue.on('error', onError)
      return queue
    },
    worker(name, process, workerOptions) {
      const worker = new Worker(name, process, { ...workerOptions, connection: working, prefix: queuePrefix })
      worker.on('error', onError)
      return worker
    },
    whenReady: () => untilReady(sending),
    async check() {
      await untilReady(sending)
      await sending.ping()
    },
    async close() {
      sending.disconnect()
      working.disconnect()
    },
  }
}

const patienceMs = 2_000
const listeners = 1_000

function untilReady(client: Redis): Promise<void> {
  if (client.status === 'ready') return Promise.resolve()
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => () => {
      clearTimeout(timer)
      client.off('ready', ready)
      end()
    }
    const ready = settle(resolve)
    const timer = setTimeout(
      settle(() => reject(new Error('Redis does not answer'))),
      patienceMs,
    )
    client.on('ready', ready)
  })
}

/** One pool for all queues of the process; each worker keeps one of its connections to listen on. */
function connectPostgres({ url, onError, silenceMs = 20_000, durable = false }: Options): QueueConnection {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'sluice queue',
    // What a crash of Postgres takes of the last moments is found to be lost, and sent anew.
    options: `-c search_path=bullmq -c synchronous_commit=${durable ? 'on' : 'off'}`,
    max: 24,
    connectionTimeoutMillis: 10_000,
    ...keptAlive,
    // What BullMQ asks the pool goes back to it with the error, and a connection that came with one is not lent again.
    query_timeout: silenceMs,
  })
  pool.on('error', onError)
  pool.on('connect', (client) => {
    client.on('error', onError)
    hangUpUnanswered(client)
  })
  pool.setMaxListeners(listeners)
  const backed = withBackend(createPostgresBackend)
  // BullMQ takes a real pg.Pool; only the overloads in pg's types hide that from the compiler.
  const connection = pool as PostgresConnectionOptions
  return {
    backend: 'postgres',
    queue(name) {
      // The classes differ from those on Redis in the type of their connection alone.
      const queue = new backed.Queue(name, { connection })
      queue.on('error', onError)
      return queue
    },
    worker(name, process, options) {
      const worker = new backed.Worker(name, process, { ...options, connection })
      worker.on('error', onError)
      return worker
    },
    whenReady: async () => undefined,
    async check() {
      await pool.query('SELECT 1')
    },
    async close() {
      await pool.end()
    },
  }
}

/** Makes BullMQ's own tables, where the queue lives in Postgres. Any number of processes may call this at once. */
export async function prepareQueues({ url }: { url: string }): Promise<void> {
  if (/^rediss?:/.test(url)) return
  const client = new pg.Client({ connectionString: url, application_name: 'sluice migrate' })
  await client.connect()
  try {
    await runMigrations(client)
  } finally {
    await client.end()
  }
}
