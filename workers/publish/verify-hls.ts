import { SluiceError } from '../../core/errors.ts'
import type { Track } from '../../core/media/hls-facts.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'
import { audioProblems } from './verify-audio.ts'
import { orderProblems } from './verify-order.ts'
import { segmentProblems } from './verify-segment.ts'

type Options = { plan: VideoPlan; tracks: readonly Track[] }

/** Throws `output_invalid` unless what was produced is what was planned: the last look before the world sees it. */
export function verifyHls(options: Options): void {
  const problems = hlsProblems(options)
  if (problems.length === 0) return
  const more = problems.length > 10 ? ` and ${problems.length - 10} more` : ''
  throw new SluiceError('output_invalid', { message: `${problems.slice(0, 10).join('; ')}${more}` })
}

export function hlsProblems({ plan, tracks }: Options): string[] {
  const made = (name: string) => tracks.find((track) => track.name === name)
  return [
    ...plan.renditions.flatMap(({ name }) => {
      const track = made(name)
      return track ? pictureProblems({ plan, track }) : [`${name} is missing`]
    }),
    ...plan.audio.flatMap(({ name }) => {
      const track = made(name)
      return track ? audioProblems({ plan, track }) : [`${name} is missing`]
    }),
  ]
}

function pictureProblems({ plan, track }: { plan: VideoPlan; track: Track }): string[] {
  const { name, segments } = track
  const { grid } = plan
  const count = segments.length === grid.segments ? [] : [`${segments.length} segments, ${grid.segments} were planned`]
  const wrong = segments.flatMap((segment) => segmentProblems({ plan, segment }))
  return [...[...count, ...wrong].map((problem) => `${name}: ${problem}`), ...orderProblems(track)]
}
