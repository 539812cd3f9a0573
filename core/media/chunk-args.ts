import { encoderThreads } from './cost.ts'
import { encoderArgs } from './encoder.ts'
import { inputArgs } from './ffmpeg-args.ts'
import { chunkGraph } from './filters.ts'
import type { Chunk } from './grid.ts'
import { hlsArgs } from './hls-args.ts'
import { framesToSeconds } from './rational.ts'
import type { VideoPlan } from './video-plan.ts'

type Options = {
  plan: VideoPlan
  chunk: Chunk
  sourcePath: string
  scratch: string
  /** How many processors it may use; absent, all that it sees. */
  cpus?: number
}

/** ffmpeg's arguments for one chunk: one decode, every rendition, no sound. */
export function chunkArgs({ plan, chunk, sourcePath, scratch, cpus }: Options): string[] {
  // Without accurate seek the frames before the cut reach the graph too, so a picture shown across a cut is not lost.
  const start = plan.origin - plan.seekZero + framesToSeconds(chunk.firstFrame, plan.fps)
  const threads = cpus === undefined ? {} : { threads: encoderThreads(cpus) }
  // A container that keeps no time of showing finds keyframes by when they are decoded, which may be well before.
  const early = plan.picture.delay === undefined ? 0 : 1
  const seek = chunk.firstFrame > 0 ? { seek: Math.max(0, start - early), noAccurateSeek: true } : {}
  return [
    ...inputArgs({ path: sourcePath, keepTimes: true, ...seek }),
    ...['-filter_complex', chunkGraph({ plan, chunk })],
    ...plan.renditions.flatMap((rendition, n) => [
      ...['-map', `[v${n}]`, '-fps_mode', 'passthrough'],
      ...encoderArgs({ encoder: plan.encoder, rendition, gop: plan.grid.gop, ...threads }),
      ...hlsArgs({
        folder: `${scratch}/${rendition.name}`,
        segmentSeconds: framesToSeconds(plan.grid.segmentFrames, plan.fps),
        firstSegment: chunk.firstSegment,
      }),
    ]),
  ]
}
