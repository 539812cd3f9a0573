import { expect, it } from 'vitest'
import type { News } from './history.ts'
import { percentile, recoveries } from './recovery-times.ts'

const at = (second: number, news: News) =>
  ({ at: second * 1_000, seed: 1, ...news }) as Parameters<typeof recoveries>[0]['history'][number]
const time = (second: number) => new Date(second * 1_000)

it('the time of a recovery counts from the fault to ready, and apart from that the part in which somebody worked', () => {
  const history = [
    at(1, { what: 'acknowledged', item: '1-0', assetId: 'one', status: 202 }),
    at(5, { what: 'lifted', fault: 'kill worker', n: 0 }),
    at(6, { what: 'acknowledged', item: '1-1', assetId: 'two', status: 202 }),
    at(30, { what: 'lifted', fault: 'too late to matter', n: 1 }),
  ]
  const assets = [
    { id: 'one', ready_at: time(15) },
    { id: 'two', ready_at: time(8) },
    { id: 'never told', ready_at: time(9) },
    { id: 'not ready', ready_at: null },
  ]
  const ran = (asset_id: string, from: number, to: number) => ({
    asset_id,
    started_at: time(from),
    finished_at: time(to),
  })
  const tasks = [ran('one', 2, 4), ran('one', 9, 12), ran('one', 11, 14), ran('one', 14, 20), ran('two', 6, 8)]
  expect(recoveries({ history, assets, tasks })).toEqual([
    { fault: 'kill worker', ms: 10_000, idleMs: 4_000 },
    { fault: 'kill worker', ms: 2_000, idleMs: 0 },
  ])
})

it('of a hundred times, the 99th is what all but one come under', () => {
  const times = Array.from({ length: 100 }, (_, n) => 100 - n)
  expect([percentile(times, 0.5), percentile(times, 0.99), percentile([], 0.5)]).toEqual([50, 99, undefined])
})
