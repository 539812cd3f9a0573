import { setTimeout as pause } from 'node:timers/promises'
import { type Counts, countItems, findBatch, finishBatch, settleItems, stopBatch } from '../../core/db/batches.ts'
import { isLiveWork } from '../../core/db/live-work.ts'
import { remembered } from '../../core/remembered.ts'
import type { CliHouse } from '../with-house.ts'
import { beginSome } from './begin-some.ts'
import { atOnceOf, type BatchWishes, failsTooMany, failsTooMuch } from './wishes.ts'
import { workersAtWork } from './workers-at-work.ts'

export type RunEnd = 'done' | 'failing' | 'stopped'

export type Rounds = {
  house: CliHouse
  id: string
  wishes: BatchWishes
  stop: AbortSignal
  /** Hears how far it is, whenever somebody looked. */
  onCounts: (counts: Counts, held: boolean) => void
}

const lookEveryMs = 100
const workersEveryMs = 5_000
/** While others' work is under way: one for each worker in so long. */
const gentleMs = 2_000

/** One look at a batch and what follows from it; undefined while it is not at its end. All that counts for more than this run is in the rows. */
export function openRounds({ house, id, wishes, stop, onCounts }: Rounds): () => Promise<RunEnd | undefined> {
  const { db } = house
  // Asked now and then, for they come and go.
  const workersNow = remembered(workersEveryMs, () => workersAtWork(db))
  let before: Counts | undefined
  let begunAt = Number.NEGATIVE_INFINITY
  let { canary } = wishes

  const failing = async (): Promise<'failing'> => {
    await stopBatch(db, id, { reason: 'too many failed' })
    return 'failing'
  }

  return async () => {
    const batch = await findBatch(db, id)
    // Somebody else who runs it has come to its end.
    if (batch?.status !== 'open') return batch?.status === 'done' ? 'done' : 'failing'
    await settleItems(db, id)
    const counts = await countItems(db, id)
    before ??= counts
    const since = { done: counts.done - before.done, failed: counts.failed - before.failed }
    const held = counts.waiting > 0 && (await isLiveWork(db))
    onCounts(counts, held)
    if (canary > 0) {
      const sample = await countItems(db, id, canary)
      if (sample.waiting + sample.started === 0) {
        if (failsTooMany(sample, wishes)) return failing()
        canary = 0
      }
    }
    const failingNow = failsTooMuch(since, wishes, before.waiting + before.started)
    if (failingNow && counts.started === 0) return failing()
    if (counts.waiting + counts.started === 0 && (await finishBatch(db, id))) return 'done'
    if (stop.aborted) return 'stopped'
    const workers = await workersNow()
    const atOnce = atOnceOf(wishes, workers)
    const left = failingNow ? 0 : atOnce - counts.started
    // Where people never stop uploading, it gets on all the same, as slowly as there are workers.
    const room = held ? Math.min(left, performance.now() - begunAt > gentleMs / workers ? 1 : 0) : left
    const upTo = canary > 0 ? canary : undefined
    const begun = await beginSome({ house, id, wishes, atOnce, room, upTo, stop })
    if (begun > 0) begunAt = performance.now()
    if (begun < room || room <= 0) await pause(lookEveryMs, undefined, { signal: stop }).catch(() => undefined)
    return undefined
  }
}
