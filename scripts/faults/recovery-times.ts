import type { Entry } from './history.ts'

/** What became of one asset that was under way when something broke: from the end of that, or from its own beginning where that was later, to ready. */
export type Recovery = {
  fault: string
  /** All of it. */
  ms: number
  /** The part in which nobody worked on it: until its worker's death was found out, its job found lost, its turn come. */
  idleMs: number
}

type Ready = { id: string; ready_at: Date | null }
type Ran = { asset_id: string; started_at: Date | null; finished_at: Date | null }
type Known = { history: readonly Entry[]; assets: readonly Ready[]; tasks: readonly Ran[] }

export function recoveries({ history, assets, tasks }: Known): Recovery[] {
  const lifted = history.filter((entry) => entry.what === 'lifted')
  const told = new Map(history.flatMap((one) => (one.what === 'acknowledged' ? [[one.assetId, one.at] as const] : [])))
  return assets.flatMap(({ id, ready_at }) => {
    const acknowledged = told.get(id)
    if (ready_at === null || acknowledged === undefined) return []
    const to = ready_at.getTime()
    const last = lifted.filter(({ at }) => at < to).at(-1)
    if (last === undefined) return []
    const from = Math.min(to, Math.max(acknowledged, last.at))
    const runs = tasks.flatMap(({ asset_id, started_at, finished_at }) =>
      asset_id === id && started_at && finished_at ? [[started_at.getTime(), finished_at.getTime()] as const] : [],
    )
    return [{ fault: last.fault, ms: to - from, idleMs: to - from - covered(runs, { from, to }) }]
  })
}

type Span = { from: number; to: number }

/** How much of a span lies in at least one of these. */
function covered(runs: readonly (readonly [number, number])[], { from, to }: Span): number {
  let [sum, upTo] = [0, from]
  for (const [begin, end] of runs.toSorted((a, b) => a[0] - b[0])) {
    const [first, last] = [Math.max(begin, upTo), Math.min(end, to)]
    if (last <= first) continue
    sum += last - first
    upTo = last
  }
  return sum
}

export function percentile(numbers: readonly number[], share: number): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]
}
