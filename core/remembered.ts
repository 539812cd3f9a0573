/** One real look in a while, however often it is asked. */
export function remembered<Seen>(ms: number, look: () => Promise<Seen>): () => Promise<Seen> {
  let last: Promise<Seen> | undefined
  let at = Number.NEGATIVE_INFINITY
  return () => {
    if (last === undefined || performance.now() - at > ms) {
      at = performance.now()
      last = look()
    }
    return last
  }
}
