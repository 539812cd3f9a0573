import { inputArgs, seconds } from '../../core/media/ffmpeg-args.ts'
import type { MediaInfo, VideoInfo } from '../../core/media/media-info.ts'
import { type Size, scaled } from '../../core/media/renders.ts'
import { toScreen } from '../../core/media/to-screen.ts'

/** Where a frame is found: how the file is opened, and which of the frames that come out it is. */
export type StillPoint =
  | { kind: 'keyframe'; seek: number }
  | { kind: 'stretch'; length: number; count: number; keyframesOnly?: true; pick?: number }

type Wish = { path: string; video: VideoInfo; point: StillPoint; size: Size }

/** Points across the video, each answered by the keyframe before it: one frame decoded each, at any length. */
export function keyframePoints({ info }: { info: MediaInfo }): StillPoint[] {
  const length = info.video?.duration ?? info.duration
  if (length === undefined) return []
  const count = Math.min(8, 1 + Math.ceil(length))
  return Array.from({ length: count }, (_, n) => ({
    kind: 'keyframe',
    seek: length * (0.05 + (0.85 * n) / (count - 1)),
  }))
}

const clipSeconds = 16
const clipPixels = 1920 * 1088
/** Every picture of theirs is a keyframe. */
const intraOnly = new Set(['mjpeg', 'prores', 'dnxhd', 'dvvideo'])

/** All keyframes of a clip in one pass, where they are few: to start a program for each would cost more than to decode them. */
export function clipPoint({ info }: { info: MediaInfo }): StillPoint | undefined {
  const { video } = info
  const length = video?.duration ?? info.duration
  if (video === undefined || length === undefined || length > clipSeconds) return undefined
  // A frame with fields needs its true neighbours.
  if (video.interlaced || intraOnly.has(video.codec) || video.codedWidth * video.codedHeight > clipPixels)
    return undefined
  return { kind: 'stretch', length, count: 8, keyframesOnly: true }
}

const decodeBudget = 1920 * 1080 * 900

/** How much of a video may be decoded frame by frame for the sake of a still. */
export function affordableSeconds({ width, height, fps }: Partial<VideoInfo> = {}): number {
  return decodeBudget / ((width ?? 1920) * (height ?? 1080) * (fps ? Math.max(1, fps.num / fps.den) : 30))
}

/** Frames spread over the opening, decoded one after the other: for files with few keyframes, or none in the right place. */
export function openingPoint({ info, count = 8 }: { info: MediaInfo; count?: number }): StillPoint {
  const length = Math.min(30, Math.max(2, affordableSeconds(info.video)), info.video?.duration ?? info.duration ?? 30)
  return { kind: 'stretch', length: Math.max(length, 0.001), count }
}

/** Keyframes all over a video, in one pass: where those of a few points, and the opening, show nothing. */
export function scanPoint({ info }: { info: MediaInfo }): StillPoint | undefined {
  const length = info.video?.duration ?? info.duration
  return length === undefined ? undefined : { kind: 'stretch', length, count: 100, keyframesOnly: true }
}

/** As much from the beginning on as is affordable, frame by frame: the last resort, for a picture that comes late. */
export function longOpeningPoint({ info }: { info: MediaInfo }): StillPoint {
  const length = Math.min(
    affordableSeconds(info.video),
    info.video?.duration ?? info.duration ?? Number.POSITIVE_INFINITY,
  )
  return { kind: 'stretch', length: Math.max(length, 0.001), count: 60 }
}

/** Large enough to judge a frame by, small enough to cost nothing. */
export const sampleSize = ({ width, height }: Size): Size => scaled({ width, height }, 160 / Math.max(width, height))

/** Small grey frames to judge: one from a keyframe, several from the opening. */
export function sampleArgs({ path, video, point, size }: Wish): string[] {
  const filters = [...chosen(point), `scale=${size.width}:${size.height}:flags=area`, 'format=gray']
  const frames = point.kind === 'keyframe' || point.pick !== undefined ? 1 : point.count
  return [...opened({ path, point, keyframesOnly: true }), ...mapped({ video, filters, frames })]
}

/** One frame in 24-bit RGB: upright, deinterlaced, in its true shape, tone-mapped when it is HDR. */
export function frameArgs({ path, video, point, size }: Wish): string[] {
  // The fields of a frame are told apart by the frames beside it, which then must be its true neighbours.
  const hasNeighbours = video.interlaced && !(point.kind === 'stretch' && point.keyframesOnly)
  const filters = [...chosen(point), ...(hasNeighbours ? ['bwdif=mode=send_frame'] : []), ...toScreen({ video, size })]
  const keyframesOnly = !hasNeighbours
  return [...opened({ path, point, keyframesOnly }), ...mapped({ video, filters, frames: 1 })]
}

function opened(options: { path: string; point: StillPoint; keyframesOnly: boolean }): string[] {
  const { path, point, keyframesOnly } = options
  if (point.kind === 'stretch') {
    const { length, keyframesOnly: scan } = point
    return scan ? ['-threads', '1', ...inputArgs({ path, length, keyframesOnly: true })] : inputArgs({ path, length })
  }
  // One thread answers with the first frame; several would read on to fill themselves.
  return ['-threads', '1', ...inputArgs({ path, seek: point.seek, noAccurateSeek: true, keyframesOnly })]
}

function chosen(point: StillPoint): string[] {
  if (point.kind === 'keyframe') return []
  const step = seconds(point.length / point.count)
  const spread = `select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,${step})`
  return point.pick === undefined ? [spread] : [spread, `select=eq(n\\,${Math.trunc(point.pick)})`]
}

function mapped({ video, filters, frames }: { video: VideoInfo; filters: string[]; frames: number }): string[] {
  return [
    ...['-map', `0:${video.index}`, '-an', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'],
    ...['-vf', filters.join(','), '-fps_mode', 'passthrough', '-frames:v', String(frames)],
    ...['-f', 'rawvideo', 'pipe:1'],
  ]
}
