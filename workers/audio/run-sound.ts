import { SluiceError } from '../../core/errors.ts'
import { type Loudness, parseLoudness } from '../../core/media/loudness.ts'
import type { SoundPlan } from '../../core/media/sound-plan.ts'
import { type Waveform, waveformMeter } from '../../core/media/waveform.ts'
import { runFfmpeg } from '../edges/ffmpeg.ts'
import { tailOf } from '../edges/process-tail.ts'
import type { MediaTools } from '../edges/tools.ts'
import type { Workbench } from '../task.ts'
import { encodeLimits } from '../video/encode-segments.ts'

/** A report of the loudness is a tenth of this. */
const reportBytes = 8192

/** What of a workbench is needed to listen. */
export type SoundBench = Pick<Workbench, 'scratch' | 'signal' | 'progress'>

type Options = { plan: SoundPlan; args: string[]; tools: MediaTools; bench: SoundBench; share?: [number, number] }

/** What was heard while ffmpeg decoded the whole: its true length, its shape, and how loud it is where that was asked. */
export type Heard = { seconds: number; waveform: Waveform; loudness: Loudness | undefined }

/** Runs ffmpeg over a recording and listens: samples come by on one pipe, the loudness on another, and neither is kept. */
export async function runSound({ plan, args, tools, bench, share = [0, 1] }: Options): Promise<Heard> {
  const meter = waveformMeter({ channels: plan.channels, sampleRate: plan.sampleRate })
  const reports = tailOf(reportBytes)
  const [from, to] = share
  await runFfmpeg({
    tools,
    args,
    cwd: bench.scratch,
    signal: bench.signal,
    limits: {
      ...encodeLimits({ seconds: plan.seconds, pixels: 0 }),
      fileBytes: 2 ** 26 + Math.ceil((plan.maxSeconds * plan.bitrate) / 4),
    },
    onBytes: meter.read,
    onExtra: reports.push,
    onProgress: ({ seconds }) => {
      const done = plan.seconds > 0 && seconds !== undefined ? Math.min(0.99, seconds / plan.seconds) : 0
      bench.progress(from + Math.max(0, done) * (to - from))
    },
  })
  const seconds = meter.seconds()
  if (seconds === 0) throw new SluiceError('corrupt_media', { message: 'not one sample could be decoded' })
  if (seconds > plan.maxSeconds) throw tooLong(plan)
  return { seconds, waveform: meter.waveform(), loudness: parseLoudness(reports.text()) }
}

function tooLong({ maxSeconds }: SoundPlan) {
  const publicMessage = `The media lasts longer than ${maxSeconds} s, which is the limit`
  return new SluiceError('too_long', { message: publicMessage, publicMessage })
}
