import { soundEncoderArgs } from './encoder.ts'
import { inputArgs, seconds } from './ffmpeg-args.ts'
import { hlsArgs } from './hls-args.ts'
import { framesToSeconds } from './rational.ts'
import { withoutGaps } from './sound-gaps.ts'
import { type AudioTrack, baseOf, type VideoPlan } from './video-plan.ts'

type Options = { plan: VideoPlan; sourcePath: string; scratch: string }

/** ffmpeg's arguments for all sound of a video, read once: each track whole, on the pictures' timeline, never cut. */
export function audioArgs({ plan, sourcePath, scratch }: Options): string[] {
  return [
    ...inputArgs({ path: sourcePath, keepTimes: true }),
    ...plan.audio.flatMap((track) => [
      ...['-map', `0:${track.index}`, '-filter:a', audioFilter({ plan, track })],
      ...[...soundEncoderArgs, '-b:a', String(track.bitrate)],
      ...['-ar', String(track.sampleRate), '-ac', String(track.channels)],
      ...hlsArgs({
        folder: `${scratch}/${track.name}`,
        segmentSeconds: framesToSeconds(plan.grid.segmentFrames, plan.fps),
        firstSegment: 0,
      }),
    ]),
  ]
}

/** Silence where sound begins late, has gaps or ends early; then up by the same base as the pictures. */
function audioFilter({ plan, track }: { plan: VideoPlan; track: AudioTrack }): string {
  const samples = (time: number) => Math.round(time * track.sampleRate)
  return [
    `asetpts=round(PTS-${seconds(plan.origin)}/TB)`,
    withoutGaps({ sampleRate: track.sampleRate, layout: 'stereo' }),
    `apad=whole_len=${samples(plan.duration)}`,
    `asetpts=PTS+${samples(baseOf(plan))}`,
  ].join(',')
}
