import { seeded } from '../../test/setup/seeded.ts'

export type Chance = ReturnType<typeof chanceOf>

/** Everything that is left to chance, and comes out the same for the same seed. */
export function chanceOf(seed: number) {
  const next = seeded(seed)
  // The first numbers of neighbouring seeds are neighbours too.
  for (let n = 0; n < 8; n++) next()
  const between = (least: number, most: number) => Math.floor(least + next() * (most - least + 1))
  return {
    between,
    often: (share: number) => next() < share,
    oneOf<const T>(all: readonly [T, ...T[]]): T {
      return all[between(0, all.length - 1)] ?? all[0]
    },
  }
}
