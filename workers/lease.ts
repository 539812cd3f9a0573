import type { Database } from '../core/db/open.ts'
import { beat, type Fence, LeaseLost } from '../core/db/task-run.ts'
import type { Logger } from '../core/logger.ts'
import type { Timings } from './house.ts'

export type Lease = { signal: AbortSignal; progress(fraction: number): void; guard(): void; stop(): Promise<void> }

/** Keeps a claimed task ours: lease, progress and news of a cancel in one statement. Its signal aborts with LeaseLost when the task is no longer ours. */
export function holdLease({
  db,
  fence,
  timings,
  log,
}: {
  db: Database
  fence: Fence
  timings: Timings
  log: Logger
}): Lease {
  const lost = new AbortController()
  let fraction = 0
  let renewedAt = performance.now()
  let beating = Promise.resolve()
  const timer = setInterval(() => {
    beating = beating.then(renew)
  }, timings.beatMs)

  async function renew(): Promise<void> {
    if (lost.signal.aborted) return
    const asked = performance.now()
    try {
      if (await beat(db, fence, { leaseMs: timings.leaseMs, progress: fraction })) renewedAt = asked
      else lost.abort(new LeaseLost(`task ${fence.id} was taken over, cancelled or deleted`))
    } catch (err) {
      log.warn({ err }, 'a heartbeat did not reach the database')
      if (expired()) lost.abort(new LeaseLost(`task ${fence.id}: no heartbeat for ${timings.leaseMs} ms`))
    }
  }
  // A clock that only this process runs, so that a paused process finds out by itself before it writes.
  const expired = () => performance.now() - renewedAt > timings.leaseMs

  return {
    signal: lost.signal,
    progress(value) {
      fraction = Math.min(1, Math.max(fraction, value))
    },
    guard() {
      if (expired()) lost.abort(new LeaseLost(`task ${fence.id}: the lease ran out`))
      lost.signal.throwIfAborted()
    },
    async stop() {
      clearInterval(timer)
      await beating
    },
  }
}
