import { claimLanes, dueEndpoints } from '../../core/db/delivery-lanes.ts'
import { takeUpEvents } from '../../core/db/take-up-events.ts'
import type { House } from '../house.ts'
import { deliver } from './deliver.ts'
import { type Pace, usualPace } from './pace.ts'
import { deliverySlots } from './slots.ts'

type Options = {
  house: Pick<House, 'db' | 'storage' | 'config' | 'log' | 'resolve'>
  /** How many are sent at once. */
  concurrency: number
  pace?: Pace
  /** How long closing waits for what is under way. */
  graceMs?: number
}

const takeUps = 5

/**
 * Takes up events and sends them to the endpoints that want them, until closed. What waits is rows: every worker of the
 * queue `notify` looks for them by itself, and takes a lane under a lease, so that nothing hangs on whoever died with it.
 */
export function startDeliveries({ house, concurrency, pace = usualPace, graceMs = 3_000 }: Options) {
  const closing = new AbortController()
  const slots = deliverySlots(concurrency)
  const underWay = new Set<Promise<void>>()
  let closed = false
  let after: string | undefined
  let woken = Promise.withResolvers<void>()

  async function round(): Promise<number> {
    // Some at a time, so that what was taken up goes out meanwhile.
    for (let n = 0; n < takeUps && !closed; n++) if ((await takeUpEvents(house)) === 0) break
    if (slots.free() === 0) return 0
    const { due, end } = await dueEndpoints(house.db, { after })
    after = end
    let begun = 0
    for (const endpoint of slots.inTurn(due)) {
      const limit = slots.room(endpoint)
      if (limit <= 0 || closed) continue
      const lanes = await claimLanes(house.db, { webhookId: endpoint.id, limit, leaseMs: pace.leaseMs })
      for (const lane of lanes) {
        const giveBack = slots.take(endpoint)
        const work = deliver({ ...house, pace, closing: closing.signal }, lane)
          .catch((err) => house.log.warn({ err }, 'a delivery came to nothing; its lane comes round again'))
          .finally(() => {
            giveBack()
            underWay.delete(work)
            woken.resolve()
          })
        underWay.add(work)
        begun += 1
      }
    }
    return begun
  }

  async function run(): Promise<void> {
    while (!closed) {
      woken = Promise.withResolvers()
      const begun = await round().catch((err) => {
        house.log.warn({ err }, 'deliveries could not be looked for; it is tried again')
        return 0
      })
      if (closed || (begun > 0 && slots.free() > 0)) continue
      const timer = setTimeout(woken.resolve, pace.pollMs)
      await woken.promise
      clearTimeout(timer)
    }
  }
  const running = run()

  return {
    async close() {
      closed = true
      woken.resolve()
      const timer = setTimeout(() => closing.abort(new Error('the worker is closing')), graceMs)
      await running
      await Promise.all(underWay)
      clearTimeout(timer)
    },
  }
}
