import { type StoryboardPlan, tileCount } from './storyboard.ts'

type Beat = Pick<StoryboardPlan, 'interval' | 'duration'>
/** From and to, in seconds of playing time. */
export type Stretch = { from: number; to: number }

type Known = Beat & {
  /** When each picture that is at hand is shown. */
  times: readonly number[]
  /** Where every frame was looked at, so that what is shown there is known. */
  watched?: readonly Stretch[]
}

/** For each tile the picture that stands for it, as an index of `times`; and the tiles that have none close enough. */
export function assignTiles({ times, watched = [], ...beat }: Known): { tiles: number[]; stale: number[] } {
  const { interval } = beat
  const stale: number[] = []
  const tiles = Array.from({ length: tileCount(beat) }, (_, tile) => {
    const [from, to] = [tile * interval, (tile + 1) * interval]
    const inside = firstWithin({ times, from, to })
    if (inside !== undefined) return inside
    const before = lastBefore(times, from)
    // Nothing new was shown: what was shown last still is.
    if (before !== undefined && watched.some((one) => one.from <= from && to <= one.to + interval)) return before
    const nearest = nearestTo(times, (from + to) / 2)
    const away = Math.abs((times[nearest] ?? Number.POSITIVE_INFINITY) - (from + to) / 2) - interval / 2
    if (!(away <= interval + 1e-6)) stale.push(tile)
    return nearest
  })
  return { tiles, stale }
}

type Gap = Stretch & {
  /** How long decoding goes on for it, from the picture before it on. */
  cost: number
}

/** What has to be looked at frame by frame, so that the tiles without a picture get one. One stretch: opening the file again costs more than what lies between. */
export function gapOf(options: {
  stale: readonly number[]
  times: readonly number[]
  interval: number
}): Gap | undefined {
  const { stale, times, interval } = options
  const [first] = stale
  const last = stale.at(-1)
  if (first === undefined || last === undefined) return undefined
  const begun = times[lastBefore(times, first * interval) ?? -1]
  // Decoding begins at the picture before; the tiles on the way get their own for nothing.
  const from = begun === undefined ? 0 : Math.min(first, Math.floor(begun / interval) + 1) * interval
  const to = (last + 1) * interval
  return { from, to, cost: to - (begun ?? 0) }
}

function firstWithin({ times, from, to }: Stretch & { times: readonly number[] }): number | undefined {
  // Timestamps are rounded; a picture a hair early is this tile's.
  return bestBy(times, (time) => (time >= from - 0.002 && time < to - 0.002 ? -time : undefined))
}

const lastBefore = (times: readonly number[], from: number) =>
  bestBy(times, (time) => (time <= from ? time : undefined))

const nearestTo = (times: readonly number[], middle: number) => bestBy(times, (time) => -Math.abs(time - middle)) ?? -1

function bestBy(times: readonly number[], worth: (time: number) => number | undefined): number | undefined {
  let best: { index: number; worth: number } | undefined
  for (const [index, time] of times.entries()) {
    const found = worth(time)
    if (found !== undefined && (best === undefined || found > best.worth)) best = { index, worth: found }
  }
  return best?.index
}
