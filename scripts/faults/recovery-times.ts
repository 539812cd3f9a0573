import type { Entry } from './history.ts'

/** How long an asset took from the end of a fault, or from its own beginning where that was later. */
export type Recovery = { fault: string; kind: string; ms: number }

type Ready = { id: string; kind: string | null; ready_at: Date | null }

/** Of every asset that was under way when something broke: from there to ready. The work itself is in it. */
export function recoveries(history: readonly Entry[], ready: readonly Ready[]): Recovery[] {
  const lifted = history.filter((entry) => entry.what === 'lifted')
  const told = new Map(history.flatMap((one) => (one.what === 'acknowledged' ? [[one.assetId, one.at] as const] : [])))
  return ready.flatMap(({ id, kind, ready_at }) => {
    const acknowledged = told.get(id)
    if (ready_at === null || kind === null || acknowledged === undefined) return []
    const last = lifted.filter(({ at }) => at < ready_at.getTime()).at(-1)
    const from = Math.max(acknowledged, last?.at ?? 0)
    const fault = last?.what === 'lifted' ? last.fault : 'none'
    return [{ fault, kind, ms: Math.max(0, ready_at.getTime() - from) }]
  })
}

export function percentile(numbers: readonly number[], share: number): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]
}
