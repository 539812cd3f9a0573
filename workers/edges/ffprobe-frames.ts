import { fileUrl, safetyArgs } from '../../core/media/ffmpeg-args.ts'
import { failureOf } from './ffmpeg-errors.ts'
import type { Probe } from './ffprobe.ts'
import { defaultLimits } from './limits.ts'
import { runChild } from './process.ts'
import { walled } from './walls.ts'

const wallMs = 60_000

/** When a stream's first picture is shown by its decoder, which for containers without times of showing is later than its packet says. */
export async function firstShown(options: Probe & { index: number }): Promise<number | undefined> {
  const { tools, path, cwd, signal, index } = options
  const limits = { ...defaultLimits, wallMs, cpuSeconds: 60 }
  const program = [
    ...[tools.ffprobe, '-hide_banner', '-v', 'error', ...safetyArgs()],
    ...['-select_streams', String(index), '-read_intervals', '%+#32', '-show_entries'],
    ...['frame=best_effort_timestamp_time', '-of', 'csv=p=0', '-i', fileUrl(path)],
  ]
  const { ended, stdout, stderrTail } = await runChild({
    argv: await walled({ sandbox: tools.sandbox, limits, program, cwd: '/' }),
    cwd,
    wallMs,
    signal,
    maxOutputBytes: 65_536,
  })
  const failure = failureOf({ program: 'ffprobe', ended, stderrTail, signal })
  if (failure) throw failure
  const shown = Number.parseFloat(stdout.toString('utf8'))
  return Number.isFinite(shown) ? shown : undefined
}
