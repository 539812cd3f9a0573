/** What is not there of so many numbered things, as ranges with both ends in them. `there` comes in order. */
export function missingRanges(count: number, there: Iterable<number>): [number, number][] {
  const missing: [number, number][] = []
  let next = 0
  for (const number of there) {
    if (number >= count) break
    if (number > next) missing.push([next, number - 1])
    next = Math.max(next, number + 1)
  }
  if (next < count) missing.push([next, count - 1])
  return missing
}
