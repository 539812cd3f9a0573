import { type Chunk, segmentFramesAt } from '../../core/media/grid.ts'
import type { ChunkResult, SegmentFact } from '../../core/media/hls-facts.ts'
import { framesToSeconds } from '../../core/media/rational.ts'
import { baseOf, type VideoPlan } from '../../core/media/video-plan.ts'

/** How far decoding may run ahead of showing: the delay of the B-frames. */
const maxDelayFrames = 4

/** What is wrong with one chunk, against its plan: every segment there, every frame in it, each at its time. */
export function chunkProblems({
  plan,
  chunk,
  result,
}: {
  plan: VideoPlan
  chunk: Chunk
  result: ChunkResult
}): string[] {
  return plan.renditions.flatMap(({ name }) => {
    const made = result.renditions.find((rendition) => rendition.name === name)
    if (!made) return [`${name} is missing`]
    if (made.segments.length !== chunk.segments) {
      return [`${name} has ${made.segments.length} segments, ${chunk.segments} were planned`]
    }
    return made.segments.flatMap((segment, n) =>
      segmentProblems({ plan, segment, number: chunk.firstSegment + n }).map((problem) => `${name}: ${problem}`),
    )
  })
}

function segmentProblems({
  plan,
  segment,
  number,
}: {
  plan: VideoPlan
  segment: SegmentFact
  number: number
}): string[] {
  const { grid, fps } = plan
  const frame = framesToSeconds(1, fps)
  const frames = segmentFramesAt(grid, number)
  const start = baseOf(plan) + framesToSeconds(number * grid.segmentFrames, fps)
  const problems: string[] = []
  if (segment.number !== number) problems.push(`segment ${segment.number} where ${number} was planned`)
  if (segment.frames !== frames) problems.push(`segment ${number} has ${segment.frames} of ${frames} frames`)
  if (Math.abs(segment.seconds - frames * frame) > frame) problems.push(`segment ${number} lasts ${segment.seconds} s`)
  if (Math.abs(segment.start - start) > maxDelayFrames * frame)
    problems.push(`segment ${number} starts at ${segment.start} s`)
  return problems
}
