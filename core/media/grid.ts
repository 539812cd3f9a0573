import { framesToSeconds, type Rational, toNumber } from './rational.ts'

/** One piece of work: a run of whole segments. `frames` of the last one follows the source's length. */
export type Chunk = { index: number; firstFrame: number; frames: number; firstSegment: number; segments: number }

/** Where every rendition of one video is cut, counted in frames so that nothing is ever rounded. */
export type Grid = { gop: number; segmentFrames: number; frames: number; segments: number; chunks: Chunk[] }

export type Chunking = 'single' | 'grid'

type Options = {
  frames: number
  fps: Rational
  chunking: Chunking
  /** A multiple of 2. */
  segmentSeconds?: number
  chunkSeconds: number
  firstChunkSegments: number
}

/** GOPs of about 2 s, a whole number of them a segment, the first chunk short, the others about `chunkSeconds`. */
export function planGrid(options: Options): Grid {
  const { frames, fps, chunking, segmentSeconds = 4, chunkSeconds, firstChunkSegments } = options
  const gop = Math.max(1, Math.round(2 * toNumber(fps)))
  const segmentFrames = Math.max(1, Math.round(segmentSeconds / 2)) * gop
  const segments = Math.max(1, Math.ceil(frames / segmentFrames))
  const perChunk = Math.max(1, Math.round(chunkSeconds / framesToSeconds(segmentFrames, fps)))
  const sizes = chunking === 'single' ? [segments] : chunkSizes({ segments, first: firstChunkSegments, perChunk })
  // A last piece of less than a segment is not worth a task of its own, and a source a little shorter than it says would leave it empty.
  const runt = frames - (segments - 1) * segmentFrames < segmentFrames
  if (runt && sizes.length > 1 && sizes.at(-1) === 1) sizes.splice(-2, 2, (sizes.at(-2) ?? 0) + 1)
  return { gop, segmentFrames, frames, segments, chunks: chunksOf({ sizes, frames, segmentFrames }) }
}

/** Pieces as even as whole segments allow, so that workers who share them end together. */
function chunkSizes({ segments, first, perChunk }: { segments: number; first: number; perChunk: number }): number[] {
  const left = Math.max(0, segments - first)
  const count = Math.ceil(left / perChunk)
  const rest = Array.from({ length: count }, (_, n) => Math.floor(left / count) + (n < left % count ? 1 : 0))
  return [Math.min(first, segments), ...rest]
}

function chunksOf({
  sizes,
  frames,
  segmentFrames,
}: {
  sizes: number[]
  frames: number
  segmentFrames: number
}): Chunk[] {
  let firstSegment = 0
  return sizes.map((segments, index) => {
    const firstFrame = firstSegment * segmentFrames
    const chunk = {
      index,
      firstFrame,
      frames: Math.min(segments * segmentFrames, frames - firstFrame),
      firstSegment,
      segments,
    }
    firstSegment += segments
    return chunk
  })
}

/** What is left of a chunk behind so many of its segments; undefined when nothing is. */
export function chunkFrom({
  grid,
  chunk,
  segments,
}: {
  grid: Grid
  chunk: Chunk
  segments: number
}): Chunk | undefined {
  if (segments >= chunk.segments) return undefined
  const frames = segments * grid.segmentFrames
  return {
    index: chunk.index,
    firstFrame: chunk.firstFrame + frames,
    frames: chunk.frames - frames,
    firstSegment: chunk.firstSegment + segments,
    segments: chunk.segments - segments,
  }
}

/** How many frames the segment with this number has: all the same but the last. */
export const segmentFramesAt = (grid: Grid, segment: number) =>
  Math.min(grid.segmentFrames, grid.frames - segment * grid.segmentFrames)
