import { segmentFramesAt } from '../../core/media/grid.ts'
import type { SegmentFact } from '../../core/media/hls-facts.ts'
import { framesToSeconds } from '../../core/media/rational.ts'
import { baseOf, type VideoPlan } from '../../core/media/video-plan.ts'

/** How far decoding may run ahead of showing: the delay of the B-frames. */
const maxDelayFrames = 4

/** What is wrong with one segment of pictures, against the plan: every frame in it, each at its time. */
export function segmentProblems({ plan, segment }: { plan: VideoPlan; segment: SegmentFact }): string[] {
  const { grid, fps } = plan
  const { number } = segment
  const frame = framesToSeconds(1, fps)
  const frames = segmentFramesAt(grid, number)
  const start = baseOf(plan) + framesToSeconds(number * grid.segmentFrames, fps)
  const problems: string[] = []
  if (segment.frames !== frames) problems.push(`segment ${number} has ${segment.frames} of ${frames} frames`)
  if (Math.abs(segment.seconds - frames * frame) > frame) problems.push(`segment ${number} lasts ${segment.seconds} s`)
  if (Math.abs(segment.start - start) > maxDelayFrames * frame)
    problems.push(`segment ${number} starts at ${segment.start} s`)
  return problems
}
