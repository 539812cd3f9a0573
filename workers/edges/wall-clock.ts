/** Rings once after so much time, of which only that counts in which it was not held. */
export function wallClock({ ms, ring }: { ms: number; ring: () => void }) {
  let left = ms
  let since = performance.now()
  let timer: NodeJS.Timeout | undefined = setTimeout(ring, left)
  return {
    hold() {
      if (timer === undefined) return
      clearTimeout(timer)
      timer = undefined
      left -= performance.now() - since
    },
    go() {
      if (timer !== undefined) return
      since = performance.now()
      timer = setTimeout(ring, Math.max(0, left))
    },
    end: () => clearTimeout(timer),
  }
}
