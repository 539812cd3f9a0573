import { measuredRate } from './frame-rate.ts'
import type { MediaInfo } from './media-info.ts'
import { framesToSeconds, toNumber } from './rational.ts'

/** What counting a stream's packets told. Times are the container's. */
export type Measure = {
  packets: number
  start?: number
  end?: number
  lastDuration?: number
  /** Of all packets together: more than from start to end where recordings were joined and each begins at 0. */
  total?: number
  /** Packets that do not say when they are shown: the last of them may be the last of all. */
  untimed?: number
  /** The reader came to the end before the file said it would. */
  brokenOff?: true
}

/** Containers whose index says exactly how long each stream is. */
const exact = ['mov']
/** Sound without an index: what is called its length is guessed from the rate of its beginning. */
const guessed = ['mp3', 'aac', 'amr', 'amrnb', 'amrwb', 'ac3', 'eac3']
/** What claims to be longer is worth counting: a few bytes that lie would make hours of nothing. */
const longSound = 600

/** The streams to count, the most important first: none where the headers can be believed. */
export function needsMeasure({ kind, container, duration, video, audio, cutShort }: MediaInfo): number[] {
  if (kind === 'image' || (exact.includes(container) && !cutShort)) return []
  if (kind === 'video' && video) return [video.index]
  const known = duration !== undefined && !cutShort && duration <= longSound && !guessed.includes(container)
  return known ? [] : audio.slice(0, 1).map((track) => track.index)
}

/** Reads the lines `pts,dts,duration` in pieces of any size; some containers give only one of the times. */
export function packetCounter() {
  let rest = ''
  let measure: Measure = { packets: 0 }
  const line = (text: string) => {
    if (text.trim() === '') return
    const [pts = Number.NaN, dts = Number.NaN, duration = Number.NaN] = text.split(',').map(Number.parseFloat)
    if (duration > 0) measure = { ...measure, total: (measure.total ?? 0) + duration }
    const at = Number.isFinite(pts) ? pts : dts
    if (!Number.isFinite(pts)) measure = { ...measure, untimed: (measure.untimed ?? 0) + 1 }
    if (!Number.isFinite(at)) {
      measure = { ...measure, packets: measure.packets + 1 }
      return
    }
    const { packets, start = at, end = at, lastDuration } = measure
    const last = at >= end && Number.isFinite(duration) ? { lastDuration: duration } : keep(lastDuration)
    measure = { ...measure, packets: packets + 1, start: Math.min(start, at), end: Math.max(end, at), ...last }
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
export function withMeasure({
  info: claimed,
  index,
  measure,
}: {
  info: MediaInfo
  index: number
  measure: Measure
}): MediaInfo {
  const info = claimed.cutShort || measure.brokenOff ? withoutClaims(claimed) : claimed
  const { packets, start, end, lastDuration, total = 0, untimed = 0 } = measure
  if (start === undefined || end === undefined) return info
  const origin = info.startTime ?? start
  if (info.video?.index !== index)
    return { ...info, duration: Math.max(end + (lastDuration ?? 0) - Math.min(origin, start), total) }
  const { video } = info
  const counted = measuredRate({ frames: packets - 1, seconds: end - start })
  // Where the last packets are not timed, the same number of them seems to lie closer together.
  const tolerance = 0.02 + (untimed > 0 ? 3 / packets : 0)
  const believable = video.fps && counted && Math.abs(toNumber(video.fps) / toNumber(counted) - 1) < tolerance
  const fps = believable ? video.fps : (counted ?? video.fps)
  const frame = fps ? framesToSeconds(1, fps) : 0
  // The last picture is shown for a frame at least; what a container says beyond ten is not believed.
  const held = lastDuration !== undefined && lastDuration < 10 * frame ? Math.max(frame, lastDuration) : frame
  const span = end - start + held
  const duration = untimed > 0 && video.constantRate ? Math.max(span, packets * frame) : span
  const whole = Math.max(info.duration ?? 0, start + duration - origin)
  return {
    ...info,
    // A single picture without sound is one, whatever it is wrapped in.
    kind: packets === 1 && info.audio.length === 0 ? 'image' : info.kind,
    duration: whole,
    video: { ...video, ...(fps ? { fps } : {}), startTime: start, frames: packets, duration },
  }
}

/** Of a file that breaks off, what its index says of lengths was true of the whole. */
function withoutClaims({ duration: _whole, ...info }: MediaInfo): MediaInfo {
  return { ...info, audio: info.audio.map(({ duration: _long, ...track }) => track) }
}
