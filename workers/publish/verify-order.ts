import type { Track } from '../../core/media/hls-facts.ts'

/** What is wrong with the order of a track: every number once from 0 on, and each segment begins where the one before it ends. */
export function orderProblems({ name, segments }: Track): string[] {
  return segments.flatMap((segment, n) => {
    const next = segments[n + 1]
    const gap = next !== undefined && Math.abs(next.start - segment.start - segment.seconds) > 0.001
    return [
      ...(segment.number === n ? [] : [`${name}: segment ${segment.number} where ${n} was expected`]),
      ...(gap ? [`${name}: a gap after segment ${segment.number}`] : []),
    ]
  })
}
