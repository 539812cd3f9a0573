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

/**
 * The lane of addresses: the earliest to die comes first, exactly, whatever the order of the jobs.
 * Slots that become free while one claim is under way are filled together by the next: a claim costs a commit, however many it takes.
 */
export function fetchLane({ db, name, timings }: Pick<House, 'db' | 'name' | 'timings'>): Lane {
  const by = { worker: name, leaseMs: timings.leaseMs }
  const free: PromiseWithResolvers<Claimed | undefined>[] = []
  let filling = false
  let claims = 0
  let moreWait = false

  async function fill(): Promise<void> {
    filling = true
    while (free.length > 0) {
      const slots = free.splice(0)
      try {
        const claimed = await claimFor(slots.length)
        for (const [at, slot] of slots.entries()) slot.resolve(claimed[at])
      } catch (err) {
        for (const slot of slots) slot.reject(err)
      }
    }
    filling = false
  }

  async function claimFor(slots: number): Promise<Claimed[]> {
    const turns = Math.floor((claims + slots) / everyNth) - Math.floor(claims / everyNth)
    claims += slots
    const starving =
      turns > 0 && moreWait ? await claimMostUrgent(db, { ...by, limit: turns, longerThanMs: longMs }) : []
    const left = slots - starving.length
    const urgent = left > 0 ? await claimMostUrgent(db, { ...by, limit: left }) : []
    moreWait = urgent.length === left
    return [...starving, ...urgent]
  }

  return {
    claim() {
      const slot = Promise.withResolvers<Claimed | undefined>()
      free.push(slot)
      if (!filling) fill()
      return slot.promise
    },
    async comeAgainMs() {
      const ms = await nextFetchDue(db)
      return ms !== undefined && ms <= earlyMs ? ms : undefined
    },
  }
}
