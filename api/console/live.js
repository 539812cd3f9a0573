const busyMs = 1_000
const calmMs = 5_000
/** While events come by themselves, asking is for what may have been missed. */
const toldMs = 15_000
const longestMs = 15_000

/**
 * Asks again and again: each second while something is unfinished, slower else or when events come by themselves, not at all
 * while nobody looks. `refresh` says how many pages it had to read, and whether anything is unfinished.
 * @param {{ refresh: () => Promise<{ pages: number, busy: boolean }>, onFailure: (error: unknown) => void,
 *   isTold?: () => boolean }} options
 * @returns {() => void} ask now
 */
export function keepFresh({ refresh, onFailure, isTold = () => false }) {
  let [failures, running, again] = [0, false, false]
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  const ask = async () => {
    clearTimeout(timer)
    if (running) {
      again = true
      return
    }
    running = true
    const pause = await once()
    running = false
    if (again) {
      again = false
      ask()
    } else if (document.visibilityState === 'visible') timer = setTimeout(ask, pause)
  }

  const once = async () => {
    try {
      const { pages, busy } = await refresh()
      failures = 0
      if (isTold()) return toldMs
      return busy ? busyMs * Math.max(1, pages) : calmMs
    } catch (error) {
      failures += 1
      onFailure(error)
      return Math.min(longestMs, busyMs * 2 ** failures)
    }
  }

  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') ask()
    else clearTimeout(timer)
  })
  ask()
  return ask
}
