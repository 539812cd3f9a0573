import { SluiceError } from '../../core/errors.ts'
import { fileUrl, safetyArgs } from '../../core/media/ffmpeg-args.ts'
import { needsMeasure, withMeasure } from '../../core/media/measure.ts'
import { defaultMediaLimits, type MediaInfo, type MediaLimits } from '../../core/media/media-info.ts'
import { parseProbe, withinDuration } from '../../core/media/parse-probe.ts'
import { failureOf } from './ffmpeg-errors.ts'
import { measurePackets } from './ffprobe-packets.ts'
import { runChild } from './process.ts'
import { defaultLimits, sandboxed } from './sandbox.ts'
import type { MediaTools } from './tools.ts'

export type Probe = {
  tools: MediaTools
  /** Absolute, and of our own making. */
  path: string
  cwd: string
  signal: AbortSignal
  limits?: Partial<MediaLimits>
}

const wallMs = 60_000
const maxOutputBytes = 8 * 2 ** 20

/** The facts of a local file, or the reason why it is refused. Where the headers do not say how long it is, its packets are counted. */
export async function probe(options: Probe): Promise<MediaInfo> {
  const limits = { ...defaultMediaLimits, ...options.limits }
  const info = parseProbe(await readHeaders(options), limits)
  const [index] = needsMeasure(info)
  if (index === undefined) return info
  return withinDuration(withMeasure({ info, index, measure: await measurePackets({ ...options, index }) }), limits)
}

async function readHeaders({ tools, path, cwd, signal }: Probe): Promise<unknown> {
  const limits = { ...defaultLimits, wallMs, cpuSeconds: 60 }
  const { ended, stdout, stderrTail } = await runChild({
    argv: [
      ...[...sandboxed(tools.sandbox, limits), tools.ffprobe, '-hide_banner', '-v', 'error', ...safetyArgs()],
      ...['-show_format', '-show_streams', '-of', 'json', '-i', fileUrl(path)],
    ],
    cwd,
    wallMs,
    signal,
    maxOutputBytes,
  })
  const failure = failureOf({ program: 'ffprobe', ended, stderrTail, signal })
  if (failure) throw failure
  try {
    return JSON.parse(stdout.toString('utf8'))
  } catch (cause) {
    // ffprobe does not escape all that strangers write into tags.
    throw new SluiceError('corrupt_media', {
      message: `ffprobe printed JSON that does not parse: ${stderrTail}`,
      cause,
    })
  }
}
