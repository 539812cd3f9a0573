type Entry<What> = { rank: number; order: number; what: What }

/** Gives the lowest rank first; of the same rank, what was put in first. */
export function makeHeap<What>() {
  const heap: Entry<What>[] = []
  let order = 0
  const before = (a: Entry<What>, b: Entry<What>) => a.rank < b.rank || (a.rank === b.rank && a.order < b.order)
  /** Puts two places right; false when they were. */
  const settle = (upper: number, lower: number): boolean => {
    const [a, b] = [heap[upper], heap[lower]]
    if (a === undefined || b === undefined || !before(b, a)) return false
    heap[upper] = b
    heap[lower] = a
    return true
  }
  return {
    put(rank: number, what: What) {
      heap.push({ rank, order: order++, what })
      for (let n = heap.length - 1; n > 0 && settle((n - 1) >> 1, n); ) n = (n - 1) >> 1
    },
    take(): { rank: number; what: What } | undefined {
      const [first] = heap
      const last = heap.pop()
      if (first === undefined || last === undefined || first === last) return first
      heap[0] = last
      for (let n = 0, child = 1; child < heap.length; child = 2 * n + 1) {
        const [left, right] = [heap[child], heap[child + 1]]
        if (left && right && before(right, left)) child += 1
        if (!settle(n, child)) break
        n = child
      }
      return first
    },
  }
}
