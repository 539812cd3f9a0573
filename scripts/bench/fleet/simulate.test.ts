import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultProfile } from '../../../core/media/built-in-profiles.ts'
import { makeCore } from './core.ts'
import { makeHeap } from './heap.ts'
import { simulateFleet } from './simulate.ts'
import type { Arrival, Costs } from './work.ts'

const { video } = defaultProfile
if (video === false) throw new Error('the default profile has no video')

const costs: Costs = {
  inspect: 0.5,
  encode: { each: 1, perSecond: 2 },
  sound: { each: 0.5, perSecond: 0.02 },
  stills: { each: 2, perSecond: 0.01 },
  publish: 0.05,
  last: { each: 0.5, perSecond: 0.001 },
}
const near = { coresPerMachine: 8, bytesPerSecond: 1e9 }
const film: Arrival = { at: 0, seconds: 7200, bytes: 0 }

const run = (workers: number, arrivals: Arrival[], more: Partial<typeof near> = {}) =>
  simulateFleet({ arrivals, fleet: { workers, ...near, ...more }, costs, video })

const times = (workers: number, arrivals = [film]) => {
  const [first] = run(workers, arrivals).films
  if (first === undefined) throw new Error('no film')
  return first
}

test('one worker takes as long as all the work, and the last look at it', () => {
  const { films, work } = run(1, [film])
  expect(films[0]?.ready).toBeCloseTo(work + 0.5 + 7.2, 3)
})

test('two workers are almost twice as fast, and no number of workers beats the longest piece', () => {
  expect(times(1).ready / times(2).ready).toBeGreaterThan(1.95)
  const longest = costs.sound.each + costs.sound.perSecond * film.seconds
  expect(times(10_000).ready).toBeGreaterThan(longest)
  expect(times(10_000).ready).toBeLessThan(longest + 20)
})

test('a film begins as soon as a clip does', () => {
  const clip = { ...film, seconds: 10 }
  expect(times(10).playable / times(10, [clip]).playable).toBeLessThan(1.3)
})

test('clips that come during a film can be played before the film is done', () => {
  const clips = Array.from({ length: 8 }, (_, n) => ({ at: 100 + n, seconds: 10, bytes: 0 }))
  const { films } = run(4, [film, ...clips])
  const [whole, ...short] = films
  expect(Math.max(...short.map(({ playable }) => playable))).toBeLessThan(90)
  expect(whole?.ready).toBeGreaterThan(1_000)
})

test('what has a high priority goes first, what has a low one last', () => {
  const waiting = Array.from({ length: 20 }, () => ({ at: 0, seconds: 60, bytes: 0 }))
  const late = (priority: 'high' | 'normal' | 'low') => ({ at: 5, seconds: 60, bytes: 0, priority })
  const { films } = run(2, [...waiting, late('high'), late('normal'), late('low')])
  const [high, normal, low] = films.slice(-3).map(({ ready }) => ready)
  expect(high).toBeLessThan((normal ?? 0) / 3)
  expect(normal).toBeLessThan(low ?? 0)
})

test('a machine fetches the source once, whatever number of its workers want it', () => {
  const far = { ...film, bytes: 20e9 }
  const wait = (coresPerMachine: number) => run(8, [far], { coresPerMachine }).films[0]?.playable ?? 0
  expect(wait(8)).toBeCloseTo(times(8).playable + 20, 3)
  expect(wait(1)).toBeGreaterThan(wait(8) + 10)
})

test('whatever comes in, all of it is ready, after it can be played, and the work is the same for every fleet', () => {
  const arrival = fc.record({ at: fc.nat(100), seconds: fc.integer({ min: 1, max: 300 }), bytes: fc.nat(1e9) })
  const property = fc.property(fc.array(arrival, { maxLength: 8 }), fc.integer({ min: 1, max: 20 }), (all, workers) => {
    const { films, work } = run(workers, all)
    expect(films.every(({ playable, ready }) => playable > 0 && ready >= playable)).toBe(true)
    expect(work).toBeCloseTo(run(1, all).work, 6)
  })
  fc.assert(property, { numRuns: 50 })
})

test('a core is shared evenly by what runs on it', () => {
  const core = makeCore()
  const ended: [string, number][] = []
  core.start({ seconds: 2, now: 0, whenDone: (at) => ended.push(['long', at]) })
  core.start({ seconds: 1, now: 1, whenDone: (at) => ended.push(['short', at]) })
  expect(core.next()).toBe(3)
  core.run(3)
  expect(ended).toEqual([
    ['long', 3],
    ['short', 3],
  ])
  expect(core.next()).toBe(Number.POSITIVE_INFINITY)
})

test('a heap gives the lowest first, and of equals the earlier', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (ranks) => {
      const heap = makeHeap<number>()
      for (const [n, rank] of ranks.entries()) heap.put(rank, n)
      const taken = ranks.map(() => heap.take()?.what)
      const sorted = [...ranks.keys()].sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || a - b)
      expect(taken).toEqual(sorted)
      expect(heap.take()).toBe(undefined)
    }),
  )
})
