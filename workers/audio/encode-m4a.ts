import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gainTo, type Loudness } from '../../core/media/loudness.ts'
import { defaultMediaLimits } from '../../core/media/media-info.ts'
import { type Gain, loudnessArgs, m4aArgs, m4aFile } from '../../core/media/sound-args.ts'
import type { SoundPlan } from '../../core/media/sound-plan.ts'
import { probe } from '../edges/ffprobe.ts'
import type { MediaTools } from '../edges/tools.ts'
import type { PutFile } from '../task.ts'
import type { SegmentBench } from '../video/encode-segments.ts'
import { runSound, type SoundHls } from './run-sound.ts'
import { verifySegments } from './sound-segments.ts'
import { verifyM4a } from './verify-m4a.ts'

type Options = {
  plan: SoundPlan
  sourcePath: string
  tools: MediaTools
  bench: SegmentBench
  put: PutFile
  hls?: SoundHls | undefined
  /** What was set aside for it. */
  memory?: number | undefined
}
type Stored = Awaited<ReturnType<PutFile>>

export type MadeSound = { m4a: Stored; waveform: Stored | undefined; seconds: number; loudness: Loudness | undefined }

/** A recording as `audio.m4a`, with its waveform, from one decode; two where it must be measured before it is made louder. */
export async function encodeM4a({ plan, sourcePath, tools, bench, put, hls, memory }: Options): Promise<MadeSound> {
  const file = path.join(bench.scratch, m4aFile)
  const common = { plan, tools, bench, memory }
  const before =
    plan.loudness === false
      ? undefined
      : await runSound({ ...common, args: loudnessArgs({ plan, sourcePath }), share: [0, 0.3] })
  const gain = gainOf({ plan, loudness: before?.loudness })
  const args = m4aArgs({ plan, sourcePath, ...(gain ? { gain } : {}) })
  const heard = await runSound({ ...common, args, share: [before ? 0.3 : 0, 0.95], hls })
  const made = await probe({
    tools,
    path: file,
    cwd: bench.scratch,
    signal: bench.signal,
    limits: { ...defaultMediaLimits, maxDuration: plan.maxSeconds + 1 },
  })
  verifyM4a({ plan, made, seconds: heard.seconds })
  if (hls) await verifySegments({ ledger: hls.ledger, seconds: heard.seconds })
  const drawing = path.join(bench.scratch, 'waveform.json')
  if (plan.waveform) await writeFile(drawing, JSON.stringify(heard.waveform))
  return {
    m4a: await put('audio/audio.m4a', file),
    waveform: plan.waveform ? await put('audio/waveform.json', drawing) : undefined,
    seconds: heard.seconds,
    loudness: before?.loudness ?? heard.loudness,
  }
}

/** Undefined where nothing is asked, or nothing can be heard. */
function gainOf({ plan, loudness }: { plan: SoundPlan; loudness: Loudness | undefined }): Gain | undefined {
  return plan.loudness === false || loudness === undefined ? undefined : gainTo({ target: plan.loudness, loudness })
}
