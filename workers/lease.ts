import type { Database } from '../core/db/open.ts'
import { beat, type Fence, LeaseLost } from '../core/db/task-run.ts'
import type { Logger } from '../core/logger.ts'
import type { Timings } from './house.ts'

export type Lease = { signal: AbortSignal; progress(fraction: number): void; guard(): void; stop(): void }

type Options = {
  db: Database
  fence: Fence
  timings: Timings
  log: Logger
  /** When the claim was asked for, by `performance.now()`: the lease began no earlier. */
  claimedAt: number
}

/** Keeps a claimed task ours: lease, progress and news of a cancel in one statement. Its signal aborts with LeaseLost when the task is no longer ours. */
export function holdLease({ db, fence, timings, log, claimedAt }: Options): Lease {
  const lost = new AbortController()
  let fraction = 0
  let asking = false
  let expiresAt = claimedAt + timings.leaseMs
  const lose = (why: string) => lost.abort(new LeaseLost(`task ${fence.id}: ${why}`))
  // A clock of this process's own: it needs no answer from a database that hangs.
  let expiry = setTimeout(expire, Math.ceil(expiresAt - performance.now()) + 1)
  const pulse = setInterval(renew, timings.beatMs)

  function expire(): void {
    if (performance.now() >= expiresAt) lose(`no heartbeat got through for ${timings.leaseMs} ms`)
  }

  async function renew(): Promise<void> {
    if (asking || lost.signal.aborted) return
    asking = true
    const askedAt = performance.now()
    try {
      if (!(await beat(db, fence, { leaseMs: timings.leaseMs, progress: fraction })))
        return lose('it was taken over, cancelled or deleted')
      expiresAt = askedAt + timings.leaseMs
      clearTimeout(expiry)
      if (!stopped) expiry = setTimeout(expire, Math.ceil(expiresAt - performance.now()) + 1)
    } catch (err) {
      log.warn({ err }, 'a heartbeat did not reach the database')
    } finally {
      asking = false
    }
  }

  let stopped = false
  return {
    signal: lost.signal,
    progress(value) {
      fraction = Math.min(1, Math.max(fraction, value))
    },
    // Timers of a process that was paused fire late, so whoever is about to write asks.
    guard() {
      expire()
      lost.signal.throwIfAborted()
    },
    stop() {
      stopped = true
      // Whatever of the run goes on all the same may write nothing any more.
      lose('its run has ended')
      clearInterval(pulse)
      clearTimeout(expiry)
    },
  }
}
