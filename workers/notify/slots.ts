import type { DueEndpoint } from '../../core/db/delivery-lanes.ts'

/** Of each kind: how many slots one endpoint may have, and what share all of them together. */
const limits = {
  good: { each: 8, share: 1 },
  new: { each: 2, share: 1 / 4 },
  bad: { each: 2, share: 1 / 2 },
} as const satisfies Record<DueEndpoint['state'], { each: number; share: number }>

/** Of so many endpoints it is remembered when they last had a slot. */
const remembered = 100_000

/**
 * Who may be sent something now. One endpoint never has all slots of a worker, and those that fail, and those that nobody
 * knows yet, have their shares: however many there are, those that answer well find room. What is free goes round: some
 * that always want more would else keep it from all that come after them.
 */
export function deliverySlots(all: number) {
  const taken = new Map<string, number>()
  const add = (key: string, n: number) => {
    const now = (taken.get(key) ?? 0) + n
    if (now > 0) taken.set(key, now)
    else taken.delete(key)
  }
  const used = (key: string) => taken.get(key) ?? 0
  /** Those that had a slot least lately stand first. */
  const lastHad = new Map<string, number>()
  let turn = 0
  const noteTurn = (id: string) => {
    lastHad.delete(id)
    lastHad.set(id, ++turn)
    const [oldest] = lastHad.keys()
    if (lastHad.size > remembered && oldest !== undefined) lastHad.delete(oldest)
  }
  const waitsSince = ({ id }: DueEndpoint) => lastHad.get(id) ?? 0
  return {
    free: () => all - used('all'),
    /** Whoever has waited longest for a slot is asked first. */
    inTurn: (due: DueEndpoint[]): DueEndpoint[] => due.toSorted((a, b) => waitsSince(a) - waitsSince(b)),
    room({ id, state }: DueEndpoint): number {
      const { each, share } = limits[state]
      const ofKind = Math.max(1, Math.floor(all * share))
      return Math.min(all - used('all'), ofKind - used(state), each - used(id))
    },
    /** Returns what gives the slot back. */
    take({ id, state }: DueEndpoint): () => void {
      for (const key of ['all', state, id]) add(key, 1)
      noteTurn(id)
      return () => {
        for (const key of ['all', state, id]) add(key, -1)
      }
    },
  }
}
