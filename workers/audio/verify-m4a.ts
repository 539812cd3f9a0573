import { SluiceError } from '../../core/errors.ts'
import type { MediaInfo } from '../../core/media/media-info.ts'
import type { SoundPlan } from '../../core/media/sound-plan.ts'

/** How far the file's own word on its length may be from the samples that went in. */
const tolerance = 0.05

/** Throws unless the file, looked at as a stranger would, is what was planned, and as long as what was heard. */
export function verifyM4a({ plan, made, seconds }: { plan: SoundPlan; made: MediaInfo; seconds: number }): void {
  const [track, ...more] = made.audio
  const problems = [
    ...(made.kind === 'audio' && more.length === 0 ? [] : [`it holds ${made.kind} and ${made.audio.length} tracks`]),
    ...(track?.codec === 'aac' ? [] : [`the codec is ${track?.codec}`]),
    ...(track?.channels === plan.channels ? [] : [`${track?.channels} channels, ${plan.channels} were planned`]),
    ...(track?.sampleRate === plan.sampleRate ? [] : [`${track?.sampleRate} samples a second`]),
    ...(Math.abs((made.duration ?? 0) - seconds) <= tolerance ? [] : [`${made.duration} s of ${seconds} s`]),
  ]
  if (problems.length === 0) return
  throw new SluiceError('output_invalid', { message: `audio.m4a: ${problems.join('; ')}` })
}
