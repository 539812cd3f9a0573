import { fileUrl, safetyArgs } from '../../core/media/ffmpeg-args.ts'
import { type Measure, packetCounter } from '../../core/media/measure.ts'
import { failureOf } from './ffmpeg-errors.ts'
import type { Probe } from './ffprobe.ts'
import { defaultLimits } from './limits.ts'
import { runChild } from './process.ts'
import { walled } from './walls.ts'

const wallMs = 15 * 60_000

/** Reads a stream from end to end without decoding it: how many packets, from when to when. Nothing is kept but the sums. */
export async function measurePackets({ tools, path, cwd, signal, index }: Probe & { index: number }): Promise<Measure> {
  const counter = packetCounter()
  const limits = { ...defaultLimits, wallMs, cpuSeconds: wallMs / 1000 }
  const program = [
    ...[tools.ffprobe, '-hide_banner', '-v', 'error', ...safetyArgs()],
    ...['-select_streams', String(index), '-show_entries', 'packet=pts_time,dts_time,duration_time', '-of', 'csv=p=0'],
    ...['-i', fileUrl(path)],
  ]
  const { ended, stderrTail } = await runChild({
    argv: await walled({ sandbox: tools.sandbox, limits, program, cwd: '/' }),
    cwd,
    wallMs,
    signal,
    onOutput: counter.read,
  })
  const failure = failureOf({ program: 'ffprobe', ended, stderrTail, signal })
  if (failure) throw failure
  const brokenOff = /ended prematurely|partial file|truncat/i.test(stderrTail)
  return { ...counter.measure(), ...(brokenOff ? { brokenOff } : {}) }
}
