import { setTimeout as pause } from 'node:timers/promises'
import { beginItem, nextItem, refuseItem } from '../../core/db/batch-begin.ts'
import { type Counts, countItems, endBatch, settleItems } from '../../core/db/batches.ts'
import { isLiveWork } from '../../core/db/live-work.ts'
import { remembered } from '../../core/remembered.ts'
import { objectNow } from '../../core/reprocess.ts'
import type { CliHouse } from '../with-house.ts'
import { atOnceOf, type BatchWishes, failsTooMuch } from './wishes.ts'
import { workersAtWork } from './workers-at-work.ts'

export type RunEnd = 'done' | 'failing' | 'stopped'

type Run = {
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

/**
 * Begins one asset after the other, as many at once as wished, and hardly any while there is work that somebody waits for. All that it
 * knows it reads from the rows, so it may be killed at any moment, be gone on with, and run twice at once.
 */
export async function runBatch({ house, id, wishes, stop, onCounts }: Run): Promise<RunEnd> {
  const { db } = house
  await settleItems(db, id)
  const before = await countItems(db, id)
  const total = Object.values(before).reduce((sum, items) => sum + items, 0)
  // Asked now and then, for they come and go.
  const workersNow = remembered(workersEveryMs, () => workersAtWork(db))
  let begunAt = Number.NEGATIVE_INFINITY
  // One that was gone on with after its canary sang has been looked at by somebody.
  let canary = before.done + before.failed > 0 ? 0 : Math.min(wishes.canary, total)
  for (;;) {
    await settleItems(db, id)
    const counts = await countItems(db, id)
    const since = { done: counts.done - before.done, failed: counts.failed - before.failed }
    const held = counts.waiting > 0 && (await isLiveWork(db))
    onCounts(counts, held)
    const canaryLeft = canary > 0 ? await leftUpTo(house, id, canary) : 0
    if (canary > 0 && canaryLeft === 0) {
      if ((100 * since.failed) / Math.max(1, since.done + since.failed) > wishes.maxFailures) return failing(house, id)
      canary = 0
    }
    const failingNow = failsTooMuch(since, wishes, total - before.done - before.failed - before.skipped)
    if (failingNow && counts.started === 0) return failing(house, id)
    if (counts.waiting + counts.started === 0) {
      await endBatch(db, id, { status: 'done' })
      return 'done'
    }
    if (stop.aborted) return 'stopped'
    const workers = await workersNow()
    const most = atOnceOf(wishes, workers)
    const left = failingNow ? 0 : most - counts.started
    // Where people never stop uploading, it gets on all the same, as slowly as there are workers.
    const room = held ? Math.min(left, performance.now() - begunAt > gentleMs / workers ? 1 : 0) : left
    const begun = await beginSome({
      house,
      id,
      wishes,
      atOnce: most,
      room,
      upTo: canary > 0 ? canary : undefined,
      stop,
    })
    if (begun > 0) begunAt = performance.now()
    if (begun < room || room <= 0) await pause(lookEveryMs, undefined, { signal: stop }).catch(() => undefined)
  }
}

async function failing({ db }: CliHouse, id: string): Promise<'failing'> {
  await endBatch(db, id, { status: 'stopped', reason: 'too many failed' })
  return 'failing'
}

async function leftUpTo({ db }: CliHouse, id: string, upTo: number): Promise<number> {
  const { waiting, started } = await countItems(db, id, upTo)
  return waiting + started
}

type Beginning = Pick<Run, 'house' | 'id' | 'wishes' | 'stop'> & {
  atOnce: number
  room: number
  upTo: number | undefined
}

async function beginSome({ house, id, wishes, atOnce, room, upTo, stop }: Beginning): Promise<number> {
  for (let begun = 0; begun < room; begun++) {
    if (stop.aborted) return begun
    const next = await nextItem(house.db, id, upTo)
    if (next === undefined) return begun
    try {
      const object = await objectNow(house, { id: next.item.asset_id, tenant: next.tenant })
      const { profile, perMinute } = wishes
      const reminders = await beginItem(house.db, { batchId: id, next, atOnce, perMinute, profile, object })
      if (reminders === undefined) return begun
      house.push.push(reminders)
    } catch (thrown) {
      await refuseItem(house.db, next, thrown)
    }
  }
  return room
}
