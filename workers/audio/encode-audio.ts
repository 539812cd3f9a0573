import { SluiceError } from '../../core/errors.ts'
import { audioArgs } from '../../core/media/audio-args.ts'
import type { AudioResult } from '../../core/media/hls-facts.ts'
import { type AudioTrack, baseOf, type VideoPlan } from '../../core/media/video-plan.ts'
import type { MediaTools } from '../edges/tools.ts'
import { audioProblems } from '../publish/verify-audio.ts'
import type { PutFile, Workbench } from '../task.ts'
import { encodeLimits, encodeSegments, outputFolder } from '../video/encode-segments.ts'

type Options = {
  plan: VideoPlan
  track: AudioTrack
  attempt: number
  sourcePath: string
  tools: MediaTools
  bench: Workbench
  put: PutFile
}

/** Encodes one sound track of a video, whole, on the pictures' timeline, and publishes its segments. */
export async function encodeAudio({
  plan,
  track,
  attempt,
  sourcePath,
  tools,
  bench,
  put,
}: Options): Promise<AudioResult> {
  const { name } = track
  const [made] = await encodeSegments({
    ...{ tools, bench, put },
    args: audioArgs({ plan, track, sourcePath, scratch: bench.scratch }),
    outputs: [
      {
        folder: outputFolder(bench, name),
        naming: {
          init: (sha256) => `hls/${name}/init-${sha256.slice(0, 12)}.mp4`,
          segment: (number) => `hls/${name}/${attempt}-${number}.m4s`,
        },
      },
    ],
    limits: encodeLimits({ seconds: plan.duration, pixels: 0 }),
    fraction: ({ seconds }) => (seconds === undefined ? undefined : (seconds - baseOf(plan)) / plan.duration),
  })
  if (!made) throw new SluiceError('internal', { message: 'no sound was made' })
  const result = { track: name, attempt, ...made }
  const problems = audioProblems({ plan, result })
  if (problems.length > 0) throw new SluiceError('output_invalid', { message: problems.join('; ') })
  return result
}
