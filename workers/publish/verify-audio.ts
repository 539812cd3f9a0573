import type { Track } from '../../core/media/hls-facts.ts'
import { baseOf, type VideoPlan } from '../../core/media/video-plan.ts'
import { orderProblems } from './verify-order.ts'

/** AAC comes in frames of 1024 samples, one of which stands before the beginning. */
const tolerance = 0.06

/** What is wrong with one sound track: it starts with the pictures, has no gap, and lasts at least as long. */
export function audioProblems({ plan, track }: { plan: VideoPlan; track: Track }): string[] {
  const base = baseOf(plan)
  const { name, segments } = track
  const [first] = segments
  const last = segments.at(-1)
  if (!first || !last) return [`${name} has no segments`]
  const problems = orderProblems(track)
  if (Math.abs(first.start - base) > tolerance) problems.push(`${name} starts ${first.start - base} s off`)
  if (last.start + last.seconds < base + plan.duration - tolerance) {
    problems.push(`${name} ends at ${last.start + last.seconds - base} s, the pictures at ${plan.duration} s`)
  }
  return problems
}
