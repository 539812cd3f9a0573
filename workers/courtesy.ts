import type { Child } from './edges/process.ts'

/** What can be held still for a while, and let go on. */
export type Holdable = Pick<Child, 'pause' | 'resume'>

/**
 * Holds what takes long still while something of another asset is done that is soon over. Low priority is not enough on
 * few processors: whoever is awake there makes all others wait for a moment, hundreds of times in the making of a picture.
 */
export type Courtesy = {
  /** Something small of this asset is under way, until what comes back is called. */
  small(asset: string): () => void
  /** Something long of it is, and can be held. */
  long(asset: string, child: Holdable): () => void
}

/** In one go. */
const mostMs = 10_000
/** So much is given away again for every second that nothing was: two thirds of the time, over a long one. */
const earned = 2
/** Once all is given away, so much is saved before anything is held again. */
const leastMs = 1_000

export function courtesy(now: () => number = () => performance.now()): Courtesy {
  const quick: string[] = []
  const all = new Set<{ asset: string; child: Holdable; held: boolean }>()
  let [left, since, spent] = [mostMs, now(), false]
  let clock: NodeJS.Timeout | undefined

  const isHolding = () => [...all].some(({ held }) => held)

  function settle(): void {
    const passed = now() - since
    since += passed
    left = isHolding() ? Math.max(0, left - passed) : Math.min(mostMs, left + earned * passed)
    spent = left <= 0 || (spent && left < leastMs)
    for (const one of all) {
      const hold = !spent && quick.some((asset) => asset !== one.asset)
      if (hold === one.held) continue
      one.held = hold
      if (hold) one.child.pause()
      else one.child.resume()
    }
    clearTimeout(clock)
    if (isHolding()) clock = setTimeout(settle, Math.ceil(left)).unref()
    else if (spent && quick.length > 0) clock = setTimeout(settle, Math.ceil((leastMs - left) / earned)).unref()
  }

  return {
    small(asset) {
      quick.push(asset)
      settle()
      return () => {
        quick.splice(quick.indexOf(asset), 1)
        settle()
      }
    },
    long(asset, child) {
      const one = { asset, child, held: false }
      all.add(one)
      settle()
      return () => {
        settle()
        all.delete(one)
        if (one.held) child.resume()
        settle()
      }
    },
  }
}
