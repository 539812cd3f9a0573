import { setTimeout as rest } from 'node:timers/promises'
import { DelayedError, type Job } from 'bullmq'
import { isDatabaseAway } from '../core/db/away.ts'
import { assetOfTask, firstPieceWaits, stillSent } from '../core/db/first-pieces.ts'
import { firstPieces } from '../core/task-kinds.ts'
import type { QueueName } from '../queues/names.ts'
import { taskPayload } from '../queues/payloads.ts'
import type { House } from './house.ts'

/** Where one asset may have many tasks, or one that takes long. */
const kept: ReadonlySet<QueueName> = new Set(['video', 'audio', 'image'])

/** How soon the kept slot sees whom it is kept for. */
const lookMs = 250
const awayMs = 1_000

type Taken = {
  name: QueueName
  job: Pick<Job, 'data' | 'priority' | 'moveToDelayed'>
  token: string | undefined
  closing: AbortSignal
  run: () => Promise<unknown>
}

/**
 * One slot more than the others, kept for the first pieces of assets, and never for an asset that fills the others: whoever
 * sends a clip does not wait for a piece of somebody's film. What the queue gives to that slot otherwise waits in it for
 * one of the others, and goes back when somebody comes for whom the slot is kept.
 */
export function keptSlots(
  { db, push, timings }: Pick<House, 'db' | 'push' | 'timings'>,
  limits: Record<QueueName, number>,
) {
  // Well before it would be taken for lost.
  const touchMs = timings.quietMs / 3
  const running = new Map<QueueName, Set<{ asset: string }>>()
  let change = Promise.withResolvers<void>()
  const stir = () => {
    change.resolve()
    change = Promise.withResolvers()
  }
  // What other processes send is seen a moment later.
  push.hear((sent) => {
    if (sent.some(({ queue, priority }) => kept.has(queue) && firstPieces.includes(priority))) stir()
  })

  // The claim that comes after it says so louder.
  const unlessAway = <Answer>(asked: Promise<Answer>) =>
    asked.catch((err) => {
      if (!isDatabaseAway(err)) throw err
      return undefined
    })
  const isWanted = (wanted: Parameters<typeof firstPieceWaits>[1]) => unlessAway(firstPieceWaits(db, wanted))

  async function within(taken: Taken, { asset, taskId }: { asset: string; taskId: string }): Promise<unknown> {
    const { name, job, token, closing, run } = taken
    const here = running.get(name) ?? new Set()
    running.set(name, here)
    const isFirst = firstPieces.includes(job.priority)
    const all = limits[name]
    const fills = (one: { asset: string }) => [...here].filter((other) => other.asset === one.asset).length >= all
    let news = change.promise
    let touchAt = performance.now() + touchMs
    while (here.size >= all && (!isFirst || fills({ asset })) && !closing.aborted) {
      // Before the look, so that a reminder which is lost, or late, does not send everything round and round.
      await Promise.race([news, rest(lookMs, undefined, { signal: closing }).catch(() => undefined)])
      news = change.promise
      const besides = [...here].filter(fills).map((one) => one.asset)
      const wanted = here.size >= all && (await isWanted({ queue: name, besides }))
      if (wanted || performance.now() > touchAt) {
        await unlessAway(stillSent(db, taskId))
        touchAt = performance.now() + touchMs
      }
      if (!wanted) continue
      await job.moveToDelayed(Date.now() + awayMs, token)
      throw new DelayedError()
    }
    const seat = { asset }
    here.add(seat)
    try {
      return await run()
    } finally {
      here.delete(seat)
      stir()
    }
  }

  return {
    /** How many jobs to take at once. */
    slots: (name: QueueName) => limits[name] + (kept.has(name) ? 1 : 0),
    async take(taken: Taken): Promise<unknown> {
      const payload = kept.has(taken.name) ? taskPayload.safeParse(taken.job.data).data : undefined
      if (payload === undefined) return taken.run()
      const { taskId } = payload
      const asset = await assetOfTask(db, taskId)
      return asset === undefined ? taken.run() : within(taken, { asset, taskId })
    },
  }
}
