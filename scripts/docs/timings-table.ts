import { timings } from '../../workers/house.ts'
import { table } from './table.ts'

/** How soon the house notices what. */
export function timingsTable(): string {
  const s = (ms: number) => `${ms / 1000} s`
  return table({
    head: ['timing', 'is'],
    rows: [
      ['lease of a running task', `${s(timings.leaseMs)}, renewed every ${s(timings.beatMs)}`],
      ['relay: sends what nobody sent', `every ${s(timings.relayMs)}`],
      ['sweep: finds leases that ran out', `every ${s(timings.sweepMs)}`],
      [
        'search for jobs that the queue lost',
        `every ${s(timings.lostMs)}, among tasks that were due ${s(timings.quietMs)} ago`,
      ],
    ],
  })
}
