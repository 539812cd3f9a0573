import { measuredRate } from './frame-rate.ts'
import type { MediaInfo } from './media-info.ts'
import { framesToSeconds, toNumber } from './rational.ts'

/** What counting a stream's packets told. Times are the container's. */
export type Measure = { packets: number; start?: number; end?: number; lastDuration?: number }

/** Containers whose index says exactly how long each stream is. */
const exact = ['mov']

/** The streams to count, the most important first: none where the headers can be believed. */
export function needsMeasure({ kind, container, duration, video, audio }: MediaInfo): number[] {
  if (kind === 'image' || exact.includes(container)) return []
  if (kind === 'video' && video) return [video.index]
  return duration === undefined ? audio.slice(0, 1).map((track) => track.index) : []
}

/** Reads the lines `pts,dts,duration` in pieces of any size; some containers give only one of the times. */
export function packetCounter() {
  let rest = ''
  let measure: Measure = { packets: 0 }
  const line = (text: string) => {
    if (text.trim() === '') return
    const [pts = Number.NaN, dts = Number.NaN, duration = Number.NaN] = text.split(',').map(Number.parseFloat)
    const at = Number.isFinite(pts) ? pts : dts
    if (!Number.isFinite(at)) {
      measure = { ...measure, packets: measure.packets + 1 }
      return
    }
    const { packets, start = at, end = at, lastDuration } = measure
    const last = at >= end && Number.isFinite(duration) ? { lastDuration: duration } : keep(lastDuration)
    measure = { packets: packets + 1, start: Math.min(start, at), end: Math.max(end, at), ...last }
  }
  return {
    read(text: string) {
      const lines = (rest + text).split('\n')
      rest = (lines.pop() ?? '').slice(-256)
      lines.forEach(line)
    },
    measure: (): Measure => measure,
  }
}

const keep = (lastDuration: number | undefined) => (lastDuration === undefined ? {} : { lastDuration })

/** The facts with what was counted in the place of what was claimed. */
export function withMeasure({ info, index, measure }: { info: MediaInfo; index: number; measure: Measure }): MediaInfo {
  const { packets, start, end, lastDuration } = measure
  if (start === undefined || end === undefined) return info
  const origin = info.startTime ?? start
  if (info.video?.index !== index) return { ...info, duration: end + (lastDuration ?? 0) - origin }
  const { video } = info
  const counted = measuredRate({ frames: packets - 1, seconds: end - start })
  const believable = video.fps && counted && Math.abs(toNumber(video.fps) / toNumber(counted) - 1) < 0.02
  const fps = believable ? video.fps : (counted ?? video.fps)
  const frame = fps ? framesToSeconds(1, fps) : 0
  // The last picture is shown for a frame at least; what a container says beyond ten is not believed.
  const held = lastDuration !== undefined && lastDuration < 10 * frame ? Math.max(frame, lastDuration) : frame
  const duration = end - start + held
  const whole = Math.max(info.duration ?? 0, start + duration - origin)
  return {
    ...info,
    duration: whole,
    video: { ...video, ...(fps ? { fps } : {}), startTime: start, frames: packets, duration },
  }
}
