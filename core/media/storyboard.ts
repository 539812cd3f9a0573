import type { Size } from './renders.ts'

/** What is wished of a storyboard: small pictures at a steady beat, for the bar that a viewer moves along. */
export type StoryboardPlan = Size & {
  /** Seconds that one tile stands for; coarser in the end where the source has too few pictures that are cheap to reach. */
  interval: number
  /** Where the last tile ends: as long as the asset plays. */
  duration: number
  /** Where playing begins in the container's time, and where ffmpeg counts `-ss` from. */
  origin: number
  seekZero: number
}

const intervals = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600]
const usual = 5
/** A clip that had fewer tiles at the usual beat gets a quicker one. */
const fewestTiles = 3
/** However long the film is. */
const mostTiles = 400

/** A tile is this wide, unless that made it taller than twice its width. */
const tileWidth = 160
const tallest = 320

/** Tiles in the shape of the video, on even sides, never larger than it is. */
export function planStoryboard(
  options: { source: Size } & Pick<StoryboardPlan, 'duration' | 'origin' | 'seekZero'>,
): StoryboardPlan {
  const { source, duration, origin, seekZero } = options
  const scale = Math.min(1, tileWidth / source.width, tallest / source.height)
  const [width, height] = [even(source.width * scale), even(source.height * scale)]
  return { width, height, interval: intervalFor(duration), duration, origin, seekZero }
}

const even = (side: number) => Math.max(2, Math.round(side / 2) * 2)

function intervalFor(duration: number): number {
  const quick = intervals.findLast((interval) => interval <= usual && tileCount({ interval, duration }) >= fewestTiles)
  if (quick !== usual) return quick ?? intervals[0] ?? usual
  return intervals.find((interval) => interval >= usual && tileCount({ interval, duration }) <= mostTiles) ?? 600
}

export function tileCount({ interval, duration }: Pick<StoryboardPlan, 'interval' | 'duration'>): number {
  // A hair of the next interval is no tile.
  return Math.max(1, Math.ceil(duration / interval - 0.01))
}

/** The next slower beat, while it leaves enough to choose from. */
export function slower({ interval, duration }: Pick<StoryboardPlan, 'interval' | 'duration'>): number | undefined {
  const next = intervals.find((longer) => longer > interval)
  return next !== undefined && duration / next >= 3 ? next : undefined
}
