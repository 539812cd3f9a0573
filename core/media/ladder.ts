import type { Rung } from './profile.ts'

export type Rendition = { name: string; width: number; height: number; maxBitrate: number }

type Size = { width: number; height: number }

const worthwhile = 0.8

/**
 * Which qualities one picture is offered in, best first. The best is the source's own size up to the ladder's top;
 * nothing is enlarged, and a rung within a fifth of the one above it is not worth its encoding.
 */
export function planLadder({ source, rungs }: { source: Size; rungs: readonly Rung[] }): Rendition[] {
  const ladder = [...rungs].sort((a, b) => b.shortSide - a.shortSide)
  const shortSide = Math.min(source.width, source.height)
  const top = Math.min(shortSide, ladder[0]?.shortSide ?? shortSide)
  const wanted = [top, ...ladder.map((rung) => rung.shortSide).filter((side) => side < top)]
  const kept: number[] = []
  for (const side of wanted) {
    const above = kept.at(-1)
    if (above === undefined || side <= above * worthwhile) kept.push(side)
  }
  return kept.map((side) => ({
    name: `${side}p`,
    ...evenSize({ source, scale: side / shortSide }),
    maxBitrate: bitrateAt({ ladder, shortSide: side }),
  }))
}

/** Video needs even sides. Rounded to the nearest, but never past the source. */
function evenSize({ source, scale }: { source: Size; scale: number }): Size {
  const even = (side: number) => {
    const nearest = Math.round((side * scale) / 2) * 2
    return Math.max(2, nearest > side ? nearest - 2 : nearest)
  }
  return { width: even(source.width), height: even(source.height) }
}

/** The cap of a size between two rungs lies between theirs; below the lowest it shrinks with the size. */
function bitrateAt({ ladder, shortSide }: { ladder: readonly Rung[]; shortSide: number }): number {
  const above = ladder.findLast((rung) => rung.shortSide >= shortSide) ?? ladder[0]
  const below = ladder.find((rung) => rung.shortSide <= shortSide) ?? { shortSide: 0, maxBitrate: 0 }
  if (!above || above.shortSide === below.shortSide) return Math.max(lowest, below.maxBitrate)
  const share = (shortSide - below.shortSide) / (above.shortSide - below.shortSide)
  const between = below.maxBitrate + share * (above.maxBitrate - below.maxBitrate)
  return Math.max(lowest, Math.round(between / 1000) * 1000)
}

const lowest = 100_000
