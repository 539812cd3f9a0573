import { seconds } from './ffmpeg-args.ts'
import type { Chunk } from './grid.ts'
import type { Rendition } from './ladder.ts'
import { formatRational, framesToSeconds } from './rational.ts'
import { toneMapFilters } from './tone-map.ts'
import type { PictureSource, VideoPlan } from './video-plan.ts'

/** How much longer the last picture may be held where a source ends a little before it said it would. */
const holdSeconds = 1

/**
 * The graph for one chunk: decode once, cut on the grid, make the picture right at the largest size, then smaller and smaller.
 * Its outputs are `[v0]`, `[v1]` … in the order of the renditions. Only numbers and words of ours are in it.
 */
export function chunkGraph({ plan, chunk }: { plan: VideoPlan; chunk: Chunk }): string {
  const [top, ...rest] = plan.renditions
  if (!top) return ''
  const isLast = chunk.firstFrame + chunk.frames >= plan.grid.frames
  const base = [
    ...(plan.picture.deinterlace ? ['bwdif=mode=send_frame:deint=interlaced'] : []),
    `setpts=round(PTS-${seconds(plan.origin + (plan.picture.delay ?? 0) + framesToSeconds(chunk.firstFrame, plan.fps))}/TB)`,
    // Rounds every timestamp to the grid and fills what is missing, from the chunk's very first frame on.
    `fps=${formatRational(plan.fps)}:start_time=0`,
    ...(isLast ? [`tpad=stop_mode=clone:stop_duration=${holdSeconds}`] : []),
    `trim=end_frame=${chunk.frames}`,
    `setpts=PTS+${plan.baseFrames + chunk.firstFrame}`,
    ...rightPicture({ picture: plan.picture, size: top }),
    ...['setsar=1', 'format=yuv420p', 'setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709'],
  ]
  // Each size is made from the one above it, which costs less than half of making each from the largest.
  const sizes = rest.map(({ width, height }) => `scale=${width}:${height}:flags=bicubic,setsar=1`)
  const steps = [`[0:${plan.picture.index}]${base.join(',')}`, ...sizes.map((scale, n) => `[s${n + 1}]${scale}`)]
  return steps.map((step, n) => (n < rest.length ? `${step},split=2[v${n}][s${n + 1}]` : `${step}[v${n}]`)).join(';')
}

/** To size, and from whatever colours it has to BT.709 in the limited range. */
function rightPicture({ picture, size }: { picture: PictureSource; size: Rendition }): string[] {
  const { width, height } = size
  if (picture.toneMap)
    return [
      ...toneMapFilters({ light: picture.toneMap, size, ...(picture.range ? { range: picture.range } : {}) }),
      'scale=out_color_matrix=bt709:out_range=tv',
    ]
  // What is right already needs no pass over its pixels.
  if (picture.matrix === 'bt709' && picture.range === 'tv') return [`scale=${width}:${height}:flags=bicubic`]
  const colours = [
    ...(picture.matrix ? [`in_color_matrix=${picture.matrix}`] : []),
    'out_color_matrix=bt709',
    ...(picture.range ? [`in_range=${picture.range}`] : []),
    'out_range=tv',
  ]
  return [`scale=${width}:${height}:flags=bicubic:${colours.join(':')}`]
}
