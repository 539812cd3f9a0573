import { appendFileSync } from 'node:fs'
import { openFaultHouse } from './house.ts'
import type { Means, Outage } from './plan.ts'
import { percentile } from './recovery-times.ts'
import { runSeed, type SeedReport } from './run-seed.ts'

export type RunOptions = {
  folder: string
  queue: Means['queue']
  storage: Means['storage']
  /** At most so many for each seed. */
  items?: number | undefined
  /** In place of what the seeds would break. */
  outage?: Outage | undefined
  /** Leases and intervals as in production, in place of short ones. */
  usual?: boolean
  seeds: readonly number[]
  say: (line: string) => void
  /** No seed begins after this. */
  until?: AbortSignal
  /** All ends here, in the middle of a seed. */
  stop?: AbortSignal
}

/** Runs seeds one after the other on one house, until one finds a violation: then the house is left as it was found. */
export async function runSeeds({
  folder,
  queue,
  storage,
  items,
  outage,
  usual = false,
  seeds,
  say,
  until,
  stop,
}: RunOptions): Promise<SeedReport[]> {
  const note = (text: string) => appendFileSync(`${folder}/notes.log`, `${new Date().toISOString()} ${text}\n`)
  await using house = await openFaultHouse({ folder, queue, storage, items, usual, note })
  const reports: SeedReport[] = []
  for (const seed of seeds) {
    if (until?.aborted) break
    const report = await unlessStopped(runSeed({ house, seed, outage }), stop)
    reports.push(report)
    for (const line of linesOf(report, house.means)) say(line)
    if (report.violations.length > 0) break
  }
  return reports
}

function unlessStopped<Result>(work: Promise<Result>, stop: AbortSignal | undefined): Promise<Result> {
  if (stop === undefined) return work
  const stopped = new Promise<never>((_, reject) => {
    const end = () => reject(new Error('told to stop'))
    if (stop.aborted) end()
    stop.addEventListener('abort', end, { once: true })
  })
  // What it still does falls over what is taken away under it.
  work.catch(() => undefined)
  return Promise.race([work, stopped])
}

function linesOf(report: SeedReport, { queue, storage, items }: Means): string[] {
  const { seed, faults, sent, acknowledged, ms, violations, history } = report
  const verdict = violations.length === 0 ? 'ok' : `${violations.length} VIOLATIONS`
  const line = `seed ${seed}  ${verdict}  ${(ms / 1_000).toFixed(1)} s  ${acknowledged} of ${sent} taken  ${faults.join('; ') || 'no fault'}`
  if (violations.length === 0) return [line]
  return [
    line,
    ...violations.map(({ rule, about, says }) => `  ${rule}  ${about}  ${says}`),
    `  history: ${history}, logs beside it`,
    `  again: npm run test:faults -- --seed ${seed} --queue ${queue} --storage ${storage}${items ? ` --items ${items}` : ''}`,
  ]
}

/** What a run came to, in lines. */
export function summary(reports: readonly SeedReport[]): string[] {
  const recovered = reports.flatMap((report) => report.recovered)
  const violations = reports.reduce((sum, { violations: { length } }) => sum + length, 0)
  const taken = reports.reduce((sum, { acknowledged }) => sum + acknowledged, 0)
  const line = (what: string, times: number[]) =>
    `${what}: ${[0.5, 0.99, 1].map((share) => `p${share * 100} ${((percentile(times, share) ?? 0) / 1_000).toFixed(1)} s`).join(', ')}`
  return [
    `${reports.length} seeds, ${taken} acknowledged, ${violations} violations, ${recovered.length} recoveries`,
    line(
      'from the end of the last fault to ready',
      recovered.map(({ ms }) => ms),
    ),
    line(
      'of that, without the work',
      recovered.map(({ idleMs }) => idleMs),
    ),
  ]
}
