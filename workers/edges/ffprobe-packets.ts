import { type Measure, packetCounter } from '../../core/media/measure.ts'
import { type Look, runFfprobe } from './run-ffprobe.ts'

const wallMs = 15 * 60_000

/** Reads a stream from end to end without decoding it: how many packets, from when to when. Nothing is kept but the sums. */
export async function measurePackets({ index, ...look }: Look & { index: number }): Promise<Measure> {
  const counter = packetCounter()
  const args = [
    ...['-select_streams', String(index)],
    ...['-show_entries', 'packet=pts_time,dts_time,duration_time', '-of', 'csv=p=0'],
  ]
  const { stderrTail } = await runFfprobe({ ...look, args, wallMs, answer: counter })
  const brokenOff = /ended prematurely|partial file|truncat/i.test(stderrTail)
  return { ...counter.measure(), ...(brokenOff ? { brokenOff } : {}) }
}
