import { setTimeout as rest } from 'node:timers/promises'
import { claimMostUrgent, nextFetchDue } from '../core/db/claim-urgent.ts'
import type { Claimed } from '../core/db/task-run.ts'
import type { House } from './house.ts'
import { rushMeter } from './rush-meter.ts'
import { together } from './together.ts'

/** A queue whose reminders say only that something waits; what is served is chosen when a worker has a free slot. */
export type Lane = {
  claim(): Promise<Claimed | undefined>
  /** Whether a slot that becomes free should claim again at once, without a reminder: in a rush, for seconds at most. */
  goesOn(sinceMs: number): boolean
  /** For a reminder that found nothing: when it should come again, because what it was sent for is just about to be due. */
  comeAgainMs(): Promise<number | undefined>
  /** For work that can wait: until the addresses are not in a rush any more, for seconds at most. */
  calm(signal: AbortSignal): Promise<void>
}

/** One slot in so many goes to whoever has waited this long, so that a stream of hurried addresses starves nobody. */
const everyNth = 8
const longMs = 60_000

/** Clocks of a queue and of Postgres differ by no more. */
export const earlyMs = 2_000
const longestHoldMs = 5_000

/** A slot that serves more than it was reminded of looks at its queue again after so long: the queue may have been paused. */
const longestStayMs = 5_000

/**
 * The lane of addresses: the earliest to die comes first, exactly, whatever the order of the jobs.
 * Slots that become free while one claim is under way are filled together by the next: a claim costs a commit, however many it takes.
 */
export function fetchLane({ db, name, timings }: Pick<House, 'db' | 'name' | 'timings'>): Lane {
  const by = { worker: name, leaseMs: timings.leaseMs }
  const rush = rushMeter()
  let claims = 0
  let looking: Promise<unknown> = Promise.resolve()
  let nextLook: Promise<number | undefined> | undefined

  async function claimFor(slots: number): Promise<Claimed[]> {
    const turns = Math.floor((claims + slots) / everyNth) - Math.floor(claims / everyNth)
    claims += slots
    const longest = { ...by, limit: turns, longerThanMs: longMs }
    const starving = turns > 0 && rush.moreWait() ? await claimMostUrgent(db, longest) : []
    const left = slots - starving.length
    const urgent = left > 0 ? await claimMostUrgent(db, { ...by, limit: left }) : []
    rush.saw({ wanted: left, got: urgent.length })
    return [...starving, ...urgent]
  }

  const claim = together<'a slot', Claimed>((slots) => claimFor(slots.length))
  return {
    claim: () => claim('a slot'),
    goesOn: (sinceMs) => rush.moreWait() && performance.now() - sinceMs < longestStayMs,
    async comeAgainMs() {
      // Many find nothing at the end of a rush. One look answers all who asked before it began.
      nextLook ??= looking.then(() => {
        nextLook = undefined
        const look = nextFetchDue(db)
        looking = look.catch(() => undefined)
        return look
      })
      const ms = await nextLook
      return ms !== undefined && ms <= earlyMs ? ms : undefined
    },
    async calm(signal) {
      const until = performance.now() + longestHoldMs
      while (rush.isOn() && performance.now() < until && !signal.aborted)
        await rest(50, undefined, { signal }).catch(() => undefined)
    },
  }
}
