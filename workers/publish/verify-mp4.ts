import { SluiceError } from '../../core/errors.ts'
import type { Mp4Plan } from '../../core/media/mp4-plan.ts'
import { framesToSeconds } from '../../core/media/rational.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'
import { type Probe, probe } from '../edges/ffprobe.ts'
import { measurePackets } from '../edges/ffprobe-packets.ts'

/** AAC comes in frames of 1024 samples, and a last one may be cut. */
const soundTolerance = 0.06

/** Throws `output_invalid` unless a progressive file holds every picture from 0 on, and sound beside all of them. */
export async function verifyMp4(options: Probe & { plan: VideoPlan; mp4: Mp4Plan }): Promise<void> {
  const { plan, mp4, ...file } = options
  // What is in it was cut to the plan: limits on strangers' files do not apply.
  const limits = { maxDuration: Number.POSITIVE_INFINITY }
  const { video, audio } = await probe({ ...file, limits })
  const problems: string[] = []
  const expect = (right: boolean | undefined, problem: string) => {
    if (right !== true) problems.push(problem)
  }
  if (video === undefined) problems.push('no pictures')
  else {
    const frame = framesToSeconds(1, plan.fps)
    const { packets, start = Number.NaN } = await measurePackets({ ...file, index: video.index })
    const { width, height, codec, duration = Number.NaN } = video
    expect(codec === 'h264' && width === mp4.width && height === mp4.height, `${codec} ${width}x${height}`)
    expect(packets === plan.grid.frames, `${packets} of ${plan.grid.frames} pictures`)
    expect(Math.abs(start) < frame / 2, `the first picture at ${start} s`)
    expect(Math.abs(duration - plan.duration) <= frame, `${duration} of ${plan.duration} s of pictures`)
  }
  const [sound] = audio
  expect(audio.length === (mp4.audio === null ? 0 : 1), `${audio.length} sound tracks`)
  if (sound !== undefined) {
    const { startTime = Number.NaN, duration = Number.NaN } = sound
    expect(Math.abs(startTime) <= soundTolerance, `sound from ${startTime} s on`)
    expect(startTime + duration >= plan.duration - soundTolerance, `${duration} of ${plan.duration} s of sound`)
  }
  if (problems.length > 0) throw new SluiceError('output_invalid', { message: `the MP4 has ${problems.join('; ')}` })
}
