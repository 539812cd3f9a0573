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

/** What would have to be looked at frame by frame, and from which picture at hand on decoding starts. */
export function gapsOf({ stale, times, interval }: { stale: readonly number[]; times: readonly number[] } & Beat) {
  const gaps: (Stretch & { seconds: number })[] = []
  for (const tile of stale) {
    const [from, to] = [tile * interval, (tile + 1) * interval]
    const last = gaps.at(-1)
    if (last && Math.abs(last.to - from) < 1e-6) {
      last.to = to
      last.seconds += interval
    } else gaps.push({ from, to, seconds: to - Math.max(0, ...times.filter((time) => time <= from)) })
  }
  return gaps
}

function firstWithin({ times, from, to }: Stretch & { times: readonly number[] }): number | undefined {
  // Timestamps are rounded; a picture a hair early is this tile's.
  return bestBy(times, (time) => (time >= from - 0.002 && time < to - 0.002 ? -time : undefined))
}

const lastBefore = (times: readonly number[], from: number) =>
  bestBy(times, (time) => (time <= from ? time : undefined))

const nearestTo = (times: readonly number[], middle: number) =>
  bestBy(times, (time) => -Math.abs(time - middle)) ?? -1

function bestBy(times: readonly number[], worth: (time: number) => number | undefined): number | undefined {
  let best: { index: number; worth: number } | undefined
  for (const [index, time] of times.entries()) {
    const found = worth(time)
    if (found !== undefined && (best === undefined || found > best.worth)) best = { index, worth: found }
  }
  return best?.index
}
