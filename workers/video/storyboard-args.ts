import { inputArgs, seconds } from '../../core/media/ffmpeg-args.ts'
import type { VideoInfo } from '../../core/media/media-info.ts'
import type { Size } from '../../core/media/renders.ts'
import type { Stretch } from '../../core/media/storyboard-tiles.ts'
import { toScreen } from '../../core/media/to-screen.ts'

/** How pictures are found: every keyframe in passing, the keyframe before one moment, or frame by frame where keyframes are rare. */
export type TileSearch =
  | { kind: 'keyframes' }
  | { kind: 'keyframe'; at: number }
  | ({ kind: 'frames' } & Pick<Stretch, 'from' | 'to'>)

type Wish = {
  path: string
  video: VideoInfo
  search: TileSearch
  size: Size
  interval: number
  /** Where playing begins in the container's time, and where ffmpeg counts seeks from. */
  origin: number
  seekZero: number
  atMost: number
  /** Where the pictures go, and the list of their times. */
  files: { pictures: string; times: string }
}

/** The first picture of each interval as raw RGB, one after the other, and a list of when each is shown, in the container's time. */
export function tileArgs({ path, video, search, size, interval, origin, seekZero, atMost, files }: Wish): string[] {
  const filters = [firstOfEach({ interval, origin }), ...toScreen({ video, size, flags: 'area' }), 'split[p][t]']
  const output = ['-fps_mode', 'passthrough', '-enc_time_base', '1:1000000', '-frames:v', String(atMost)]
  return [
    ...opened({ path, video, search, before: origin - seekZero }),
    ...['-filter_complex', `[0:${video.index}]${filters.join(',')}`],
    ...['-map', '[p]', ...output, '-f', 'rawvideo', `file:${files.pictures}`],
    ...['-map', '[t]', '-c:v', 'rawvideo', ...output, '-f', 'framecrc', `file:${files.times}`],
  ]
}

function opened(options: { path: string; video: VideoInfo; search: TileSearch; before: number }): string[] {
  const { path, video, search, before } = options
  const input = { path, keepTimes: true }
  // One thread: nobody waits for a storyboard, and several would hold a frame each in memory.
  const single = ['-threads', '1']
  // Nothing is predicted from a keyframe here, so that edges may stay unsmoothed; a tile is too small to show it.
  const keyframes = [...single, '-skip_loop_filter', 'all']
  switch (search.kind) {
    case 'keyframes':
      return [...keyframes, ...inputArgs({ ...input, keyframesOnly: true, readKeyframesOf: video.index })]
    case 'keyframe': {
      const seek = Math.max(0, before + search.at)
      return [...keyframes, ...inputArgs({ ...input, keyframesOnly: true, seek, noAccurateSeek: true })]
    }
    case 'frames': {
      const seek = before + search.from
      const length = search.to - search.from
      // What nothing else is predicted from need not be decoded: the picture beside it will do.
      return [...single, '-skip_frame', 'noref', ...inputArgs({ ...input, length, ...(seek > 0 ? { seek } : {}) })]
    }
  }
}

const firstOfEach = ({ interval, origin }: { interval: number; origin: number }) => {
  const turn = (time: string) => `floor((${time}-${seconds(origin)}+0.002)/${seconds(interval)})`
  return `select=isnan(prev_selected_t)+${turn('t')}-${turn('prev_selected_t')}`
}

/** The times that ffmpeg's `framecrc` lists, in seconds. */
export function readTimes(list: string): number[] {
  const base = /^#tb 0: (\d+)\/(\d+)$/m.exec(list)
  const tick = base ? Number(base[1]) / Number(base[2]) : Number.NaN
  const times = [...list.matchAll(/^0,\s*-?\d+,\s*(-?\d+),/gm)].map(([, pts]) => Number(pts) * tick)
  return times.filter(Number.isFinite)
}
