type Running = { left: number; whenDone: (now: number) => void }

const hair = 1e-9

/** One core, shared evenly by all that runs on it. `start` and `run` may change when something is through: ask `next` after them. */
export function makeCore() {
  const all = new Set<Running>()
  let seen = 0
  const catchUp = (now: number) => {
    for (const one of all) one.left -= (now - seen) / all.size
    seen = now
  }
  return {
    /** Runs so many seconds of work, counted as if nothing else ran. */
    start({ seconds, whenDone, now }: { seconds: number; whenDone: (now: number) => void; now: number }) {
      catchUp(now)
      all.add({ left: seconds, whenDone })
    },
    /** When something will be through, if nothing else starts. */
    next(): number {
      if (all.size === 0) return Number.POSITIVE_INFINITY
      return seen + Math.max(0, Math.min(...[...all].map(({ left }) => left))) * all.size
    },
    /** Ends what is through by now. */
    run(now: number) {
      catchUp(now)
      for (const one of [...all].filter(({ left }) => left <= hair)) {
        all.delete(one)
        one.whenDone(now)
      }
    },
  }
}
