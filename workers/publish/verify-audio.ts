import type { AudioResult } from '../../core/media/hls-facts.ts'
import { baseOf, type VideoPlan } from '../../core/media/video-plan.ts'

/** AAC comes in frames of 1024 samples, one of which stands before the beginning. */
const tolerance = 0.06

/** What is wrong with one sound track: it starts with the pictures, has no gap, and lasts at least as long. */
export function audioProblems({ plan, result }: { plan: VideoPlan; result: AudioResult }): string[] {
  const base = baseOf(plan)
  const [first] = result.segments
  const last = result.segments.at(-1)
  if (!first || !last) return [`${result.track} has no segments`]
  const problems: string[] = []
  if (Math.abs(first.start - base) > tolerance) problems.push(`${result.track} starts ${first.start - base} s off`)
  if (last.start + last.seconds < base + plan.duration - tolerance) {
    problems.push(`${result.track} ends at ${last.start + last.seconds - base} s, the pictures at ${plan.duration} s`)
  }
  for (const [n, segment] of result.segments.entries()) {
    const next = result.segments[n + 1]
    if (segment.number !== n) problems.push(`${result.track}: segment ${segment.number} where ${n} was expected`)
    if (next && Math.abs(next.start - segment.start - segment.seconds) > 0.001) {
      problems.push(`${result.track}: a gap after segment ${n}`)
    }
  }
  return problems
}
