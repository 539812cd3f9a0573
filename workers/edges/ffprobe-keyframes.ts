import { fileUrl, safetyArgs } from '../../core/media/ffmpeg-args.ts'
import { failureOf } from './ffmpeg-errors.ts'
import type { Probe } from './ffprobe.ts'
import { defaultLimits } from './limits.ts'
import { runChild } from './process.ts'
import { walled } from './walls.ts'

const looked = 120
const wallMs = 60_000

/** How many of a stream's first packets are keyframes, 0 to 1: all of them in what cameras and editors call intra. */
export async function keyframeShare({ tools, path, cwd, signal, index }: Probe & { index: number }): Promise<number> {
  const limits = { ...defaultLimits, wallMs, cpuSeconds: wallMs / 1000 }
  const program = [
    ...[tools.ffprobe, '-hide_banner', '-v', 'error', ...safetyArgs()],
    ...['-select_streams', String(index), '-read_intervals', `%+#${looked}`],
    ...['-show_entries', 'packet=flags', '-of', 'csv=p=0', '-i', fileUrl(path)],
  ]
  const { ended, stdout, stderrTail } = await runChild({
    argv: await walled({ sandbox: tools.sandbox, limits, program, cwd: '/' }),
    cwd,
    wallMs,
    signal,
    maxOutputBytes: 64 * 1024,
  })
  const failure = failureOf({ program: 'ffprobe', ended, stderrTail, signal })
  if (failure) throw failure
  const flags = stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
  return flags.length === 0 ? 0 : flags.filter((line) => line.startsWith('K')).length / flags.length
}
