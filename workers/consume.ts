import { availableParallelism } from 'node:os'
import { setTimeout as rest } from 'node:timers/promises'
import type { Job } from 'bullmq'
import type { QueueConnection, WorkerHandle } from '../queues/connect.ts'
import { type QueueName, queueNames } from '../queues/names.ts'
import { backfillSlots } from './backfill-slots.ts'
import { fetchLane } from './fetch-lane.ts'
import { handlers } from './handlers.ts'
import type { House } from './house.ts'
import { ingestJob } from './ingest/ingest-job.ts'
import { keptSlots } from './kept-slot.ts'
import { processJob } from './process-job.ts'

/** Shares of the grace time: after the first no recipe is waited for, after the second no queue. */
const share = { recipes: 0.4, queues: 0.7 }

/** How many tasks of a queue one process runs at once, besides the slot that is kept: encoders fill the cores, waiting for networks fills nothing. */
export function atOnce(cores = availableParallelism()): Record<QueueName, number> {
  return {
    intake: 4,
    // A lane of its own: however full the others are, so many addresses are read at once.
    fetch: 64,
    // One more than the processors are shared among, so that none rests while a piece begins or ends.
    video: Math.floor(cores / 2) + 1,
    audio: Math.max(1, Math.floor(cores / 2)),
    // Decoders are processes of their own: two at least, so that one large picture does not hold up all others.
    image: Math.max(2, Math.floor(cores / 2)),
    publish: 4,
    notify: 16,
    upkeep: 2,
  }
}

/** What is begun with what was fetched. While addresses are in a rush it waits: they die, it does not. */
const givesWay: ReadonlySet<QueueName> = new Set(['intake', 'video', 'audio', 'image'])

type Options = {
  house: House
  queue: QueueConnection
  queues?: QueueName[]
  concurrency?: Partial<Record<QueueName, number>>
  /** How long closing may take. */
  graceMs?: number
  /** Aborts when closing should take no time. */
  hurry?: AbortSignal
}

/** Takes jobs from the queues until closed; on closing, running tasks are handed back rather than waited for. */
export function listenToQueues(options: Options): { close(): Promise<void> } {
  const { house, queue, queues = [...queueNames], concurrency = {}, graceMs = 8_000, hurry } = options
  const closing = new AbortController()
  const leaving = new AbortController()
  const limits = { ...atOnce(), ...concurrency }
  const kept = keptSlots(house, limits)
  house.meters.tasks.slots(Object.fromEntries(queues.map((name) => [name, limits[name]])))
  const addresses = fetchLane(house)
  const task = async (name: QueueName, job: Job, token: string | undefined) => {
    if (givesWay.has(name)) await addresses.calm(closing.signal)
    const lane = name === 'fetch' ? addresses : undefined
    const run = () =>
      processJob({ house, job, token, handlers, closing: closing.signal, leaving: leaving.signal, lane })
    return kept.take({ name, job, token, closing: closing.signal, run })
  }
  const backfill = backfillSlots(limits)
  const workers = queues.map((name) =>
    queue.worker(
      name,
      (job, token) =>
        // Backends may enqueue there alone: on all other queues a job is a reminder, or nothing.
        name === 'intake' && job.name === 'ingest'
          ? ingestJob({ house, job })
          : backfill({ name, job, token, run: () => task(name, job, token) }),
      {
        name: house.name,
        concurrency: kept.slots(name),
        // Leases in Postgres say who is dead; BullMQ's own lock only has to outlast a busy moment, and must never decide a fate.
        lockDuration: 120_000,
        stalledInterval: 30_000,
        maxStalledCount: 1_000,
        // A server that was away is asked for work again this soon after it is back, and not in the middle of a pause when we close.
        runRetryDelay: 1_000,
      },
    ),
  )
  return {
    async close() {
      closing.abort(new Error('the worker is closing'))
      const leave = () => leaving.abort(closing.signal.reason)
      const timer = setTimeout(leave, graceMs * share.recipes)
      hurry?.addEventListener('abort', leave)
      if (hurry?.aborted) leave()
      await Promise.all(workers.map((worker) => closeInTime(worker, graceMs * share.queues)))
      clearTimeout(timer)
    },
  }
}

/** BullMQ waits for its server when it closes; when that is away, we go without its goodbye. */
async function closeInTime(worker: WorkerHandle, patienceMs: number): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, patienceMs)
  const closed = worker.close()
  const inTime = await Promise.race([closed.then(() => true), late.promise.then(() => false)])
  clearTimeout(timer)
  if (!inTime) await Promise.race([worker.close(true), rest(1_000)])
}
