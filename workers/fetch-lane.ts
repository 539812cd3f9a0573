import { claimMostUrgent, nextFetchDue } from '../core/db/claim-urgent.ts'
import type { Claimed } from '../core/db/task-run.ts'
import type { House } from './house.ts'

/** A queue whose reminders say only that something waits; what is served is chosen when a worker has a free slot. */
export type Lane = {
  claim(): Promise<Claimed | undefined>
  /** For a reminder that found nothing: when it should come again, because what it was sent for is just about to be due. */
  comeAgainMs(): Promise<number | undefined>
}

/** One slot in so many goes to whoever has waited this long, so that a stream of hurried addresses starves nobody. */
const everyNth = 8
const longMs = 60_000

/** Clocks of a queue and of Postgres differ by no more. */
const earlyMs = 2_000

/** The lane of addresses: the earliest to die comes first, exactly, whatever the order of the jobs. */
export function fetchLane({ db, name, timings }: Pick<House, 'db' | 'name' | 'timings'>): Lane {
  const by = { worker: name, leaseMs: timings.leaseMs }
  let claims = 0
  return {
    async claim() {
      claims += 1
      const starving = claims % everyNth === 0 ? await claimMostUrgent(db, { ...by, longerThanMs: longMs }) : undefined
      return starving ?? claimMostUrgent(db, by)
    },
    async comeAgainMs() {
      const ms = await nextFetchDue(db)
      return ms !== undefined && ms <= earlyMs ? ms : undefined
    },
  }
}
