import { SluiceError } from '../../core/errors.ts'
import { bestOf, emptyScore, goodScore, scoreFrame } from '../../core/media/frame-score.ts'
import type { MediaInfo, VideoInfo } from '../../core/media/media-info.ts'
import {
  clipPoint,
  keyframePoints,
  longOpeningPoint,
  openingPoint,
  type StillPoint,
  sampleArgs,
  sampleSize,
  scanPoint,
} from './stills-args.ts'

/** Runs ffmpeg with these arguments and gives what it wrote to its standard output. */
export type RunToBuffer = (options: { args: string[]; maxBytes: number }) => Promise<Buffer>

type Scored = { point: StillPoint; score: number }

/**
 * Finds the frame that stands for the video: keyframes all over it first, which costs the same at any length;
 * the opening, frame by frame, when none of them will do; and when there is nothing at all on those, black or flat as
 * they are, keyframes from end to end, then frames as far as is affordable. All black: any frame.
 */
export async function choosePoint(options: {
  info: MediaInfo
  video: VideoInfo
  path: string
  run: RunToBuffer
}): Promise<StillPoint> {
  const failures: unknown[] = []
  const sample = async (point: StillPoint) =>
    await scoresAt({ ...options, point }).catch((failure: unknown) => {
      // One broken stretch must not cost the video its picture; when nothing can be read, this is what is told.
      failures.push(failure)
      return []
    })

  const scored: Scored[] = []
  const best = () => Math.max(-1, ...scored.map(({ score }) => score))
  const { info } = options
  const clip = clipPoint({ info })
  if (clip) scored.push(...(await sample(clip)))
  // Also where a clip could not be read as a whole: then perhaps in part.
  if (scored.length === 0) for (const point of keyframePoints({ info })) scored.push(...(await sample(point)))
  if (best() < goodScore) scored.push(...(await sample(openingPoint({ info }))))
  // Nothing to be seen yet. Rare enough to be worth what it costs, which is bounded.
  for (const point of [scanPoint({ info }), longOpeningPoint({ info })]) {
    if (point !== undefined && best() < emptyScore) scored.push(...(await sample(point)))
  }
  const chosen = scored[bestOf(scored.map(({ score }) => score)) ?? -1]
  if (chosen) return chosen.point
  throw failures.at(-1) ?? new SluiceError('corrupt_media', { message: 'No frame of the video could be decoded' })
}

async function scoresAt(options: {
  video: VideoInfo
  path: string
  point: StillPoint
  run: RunToBuffer
}): Promise<Scored[]> {
  const { video, path, point, run } = options
  const size = sampleSize(video)
  const bytes = size.width * size.height
  const frames = point.kind === 'stretch' ? point.count : 1
  const data = await run({ args: sampleArgs({ path, video, point, size }), maxBytes: bytes * frames })
  return Array.from({ length: Math.floor(data.length / bytes) }, (_, pick) => ({
    point: point.kind === 'stretch' ? { ...point, pick } : point,
    score: scoreFrame({ ...size, luma: data.subarray(pick * bytes, (pick + 1) * bytes) }),
  }))
}
