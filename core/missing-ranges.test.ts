import { describe, expect, it } from 'vitest'
import { missingRanges } from './missing-ranges.ts'

/** A small generator with a seed, so that what fails can be run again. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe('what is missing', () => {
  it.each([
    [1, [], [[0, 0]]],
    [10, [], [[0, 9]]],
    [10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], []],
    [
      10,
      [3],
      [
        [0, 2],
        [4, 9],
      ],
    ],
    [10, [0, 9], [[1, 8]]],
    [
      4,
      [0, 2],
      [
        [1, 1],
        [3, 3],
      ],
    ],
  ])('of %i, with %j there, is %j', (count, there, missing) => {
    expect(missingRanges(count, there)).toEqual(missing)
  })

  it('and what is there make up the whole, whatever is there: ranges in order, apart from each other, none empty', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = randomFrom(seed)
      const count = 1 + Math.floor(random() * 60)
      const share = random()
      const there = Array.from({ length: count }, (_, number) => number).filter(() => random() < share)
      const ranges = missingRanges(count, there)
      const missing = ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, step) => from + step))
      expect(
        [...there, ...missing].sort((a, b) => a - b),
        `seed ${seed}`,
      ).toEqual([...Array(count).keys()])
      for (const [at, [from, to]] of ranges.entries()) {
        expect(to, `seed ${seed}`).toBeGreaterThanOrEqual(from)
        const before = ranges[at - 1]
        if (before) expect(from, `seed ${seed}`).toBeGreaterThan(before[1] + 1)
      }
    }
  })
})
