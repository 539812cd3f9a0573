/** How long each of several things took, again and again. */
export type Times = Record<string, number[]>

/** Does all of them in every round, each round in another order, so that whatever else the machine does hits all alike. */
export async function timesOf(
  things: Record<string, () => Promise<unknown>>,
  { rounds, warmUp = 20 }: { rounds: number; warmUp?: number },
): Promise<Times> {
  const times: Times = Object.fromEntries(Object.keys(things).map((name) => [name, []]))
  for (let round = -warmUp; round < rounds; round++)
    for (const [name, run] of shuffled(Object.entries(things))) {
      const startedAt = performance.now()
      await run()
      if (round >= 0) times[name]?.push(performance.now() - startedAt)
    }
  return times
}

function shuffled<T>(items: T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

/**
 * How likely one of the first takes longer than one of the second: 0.5 is no difference, 0 and 1 are certainty. It goes by
 * ranks alone, so that a busy machine, whose noise hits both, only brings it nearer to 0.5.
 */
export function likelySlower(first: readonly number[], second: readonly number[]): number {
  const all = [...first.map((ms) => ({ ms, mine: true })), ...second.map((ms) => ({ ms, mine: false }))]
  let [below, won] = [0, 0]
  for (const { mine } of all.toSorted((a, b) => a.ms - b.ms || Number(a.mine) - Number(b.mine)))
    if (mine) won += below
    else below += 1
  return won / (first.length * second.length)
}
