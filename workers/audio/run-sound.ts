import { SluiceError } from '../../core/errors.ts'
import { type Loudness, parseLoudness } from '../../core/media/loudness.ts'
import { type SoundPlan, soundTrack } from '../../core/media/sound-plan.ts'
import { type Waveform, waveformMeter } from '../../core/media/waveform.ts'
import { runFfmpeg } from '../edges/ffmpeg.ts'
import type { Progress } from '../edges/ffmpeg-progress.ts'
import type { Limits } from '../edges/limits.ts'
import { tailOf } from '../edges/process-tail.ts'
import type { MediaTools } from '../edges/tools.ts'
import type { PutFile } from '../task.ts'
import { encodeLimits, encodeSegments, memoryLimit, type SegmentBench } from '../video/encode-segments.ts'
import type { SegmentLedger } from '../video/segment-ledger.ts'

/** A report of the loudness is a tenth of this. */
const reportBytes = 8192

type Options = {
  plan: SoundPlan
  args: string[]
  tools: MediaTools
  bench: SegmentBench
  /** Which part of the task's progress this is. */
  share: [number, number]
  /** Where segments go that are made at the same time. */
  hls?: SoundHls | undefined
  memory?: number | undefined
}

export type SoundHls = { attempt: number; ledger: SegmentLedger; put: PutFile }

/** What was heard while ffmpeg decoded the whole: its true length, its shape, and how loud it is where that was asked. */
export type Heard = { seconds: number; waveform: Waveform; loudness: Loudness | undefined }

/** Runs ffmpeg over a recording and listens: samples come by on one pipe, the loudness on another, and neither is kept. */
export async function runSound({ plan, args, tools, bench, share, hls, memory }: Options): Promise<Heard> {
  const meter = waveformMeter({ channels: plan.channels, sampleRate: plan.sampleRate })
  const reports = tailOf(reportBytes)
  const run = {
    ...{ tools, args, limits: { ...limitsOf(plan), ...memoryLimit({ memory, cpus: tools.cpus, outputs: 2 }) } },
    listen: { onBytes: meter.read, onExtra: reports.push },
    bench: { ...bench, progress: (done: number) => bench.progress(share[0] + done * (share[1] - share[0])) },
    fraction: ({ seconds }: Progress) =>
      plan.seconds > 0 && seconds !== undefined ? Math.min(0.99, Math.max(0, seconds / plan.seconds)) : 0,
  }
  await (hls ? runInSegments({ ...run, hls }) : runWhole(run))
  const seconds = meter.seconds()
  if (seconds === 0) throw new SluiceError('corrupt_media', { message: 'not one sample could be decoded' })
  if (seconds > plan.maxSeconds) throw tooLong(plan)
  return { seconds, waveform: meter.waveform(), loudness: parseLoudness(reports.text()) }
}

type Run = Pick<Options, 'tools' | 'args' | 'bench'> & {
  limits: Partial<Limits>
  listen: { onBytes: (bytes: Buffer) => void; onExtra: (bytes: Buffer) => void }
  fraction: (progress: Progress) => number
}

const runWhole = ({ tools, args, bench, limits, listen, fraction }: Run) =>
  runFfmpeg({
    ...{ tools, args, limits, ...listen },
    ...{ cwd: bench.scratch, signal: bench.signal },
    onProgress: (progress) => bench.progress(fraction(progress)),
  })

async function runInSegments({ hls, ...run }: Run & { hls: SoundHls }) {
  const { attempt, ledger, put } = hls
  const already = await ledger.made({ names: [soundTrack] })
  const track = { names: [soundTrack], mark: String(attempt) }
  await encodeSegments({ ...run, ...track, already, ledger, put, check: () => undefined })
}

const limitsOf = (plan: SoundPlan): Partial<Limits> => ({
  ...encodeLimits({ seconds: plan.seconds, pixels: 0 }),
  fileBytes: 2 ** 26 + Math.ceil((plan.maxSeconds * plan.bitrate) / 4),
})

function tooLong({ maxSeconds }: SoundPlan) {
  const publicMessage = `The media lasts longer than ${maxSeconds} s, which is the limit`
  return new SluiceError('too_long', { message: publicMessage, publicMessage })
}
