type Sized = { bytes: number; seconds: number }

/** RFC 8216: the highest rate of any run of segments that lasts half to one and a half target durations. */
export function peakRate({ segments, target }: { segments: readonly Sized[]; target: number }): number {
  let peak = 0
  for (let from = 0; from < segments.length; from++) {
    let bytes = 0
    let seconds = 0
    for (let to = from; to < segments.length && seconds < target * 1.5; to++) {
      bytes += segments[to]?.bytes ?? 0
      seconds += segments[to]?.seconds ?? 0
      const isWhole = from === 0 && to === segments.length - 1
      if (isWhole || (seconds >= target * 0.5 && seconds <= target * 1.5)) peak = Math.max(peak, (bytes * 8) / seconds)
    }
  }
  return peak
}

export function averageRate(segments: readonly Sized[]): number {
  const seconds = segments.reduce((sum, segment) => sum + segment.seconds, 0)
  return seconds === 0 ? 0 : (segments.reduce((sum, segment) => sum + segment.bytes, 0) * 8) / seconds
}
