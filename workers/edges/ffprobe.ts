import { SluiceError } from '../../core/errors.ts'
import { fileUrl, safetyArgs } from '../../core/media/ffmpeg-args.ts'
import { needsMeasure, withMeasure } from '../../core/media/measure.ts'
import { defaultMediaLimits, type MediaInfo, type MediaLimits } from '../../core/media/media-info.ts'
import { parseProbe, withinDuration } from '../../core/media/parse-probe.ts'
import { failureOf } from './ffmpeg-errors.ts'
import { firstShown } from './ffprobe-frames.ts'
import { measurePackets } from './ffprobe-packets.ts'
import { defaultLimits } from './limits.ts'
import { lookAtMp4 } from './mp4-file.ts'
import { runChild } from './process.ts'
import type { MediaTools } from './tools.ts'
import { walled } from './walls.ts'

export type Probe = {
  tools: MediaTools
  /** Absolute, and of our own making. */
  path: string
  cwd: string
  signal: AbortSignal
  limits?: Partial<MediaLimits>
}

const wallMs = 60_000
/** A look at headers and a few pictures: eight of the largest that may be, at 16 bits. */
const memoryBytes = 3 * 2 ** 30
const maxOutputBytes = 8 * 2 ** 20

/** The facts of a local file, or the reason why it is refused. Where the headers do not say how long it is, its packets are counted. */
export async function probe(options: Probe): Promise<MediaInfo> {
  const limits = { ...defaultMediaLimits, ...options.limits }
  const { cutShort } = await lookAtMp4(options.path)
  const { json, stderrTail } = await readHeaders(options)
  const told = parsed({ json, stderrTail, limits })
  const info = await withDelay(options, cutShort ? { ...told, cutShort } : told)
  const [index] = needsMeasure(info)
  if (index === undefined) return info
  return withinDuration(withMeasure({ info, index, measure: await measurePackets({ ...options, index }) }), limits)
}

/** Pictures larger than ffprobe can think of have no size in its answer; it says so aside. */
function parsed({ json, stderrTail, limits }: { json: unknown; stderrTail: string; limits: MediaLimits }): MediaInfo {
  try {
    return parseProbe(json, limits)
  } catch (cause) {
    const isHuge = /Picture size \d+x\d+ is invalid/.test(stderrTail)
    if (!isHuge || !(cause instanceof SluiceError && cause.code === 'corrupt_media')) throw cause
    throw new SluiceError('too_many_pixels', { message: stderrTail, cause })
  }
}

/** AVI keeps no time of showing: its pictures come out as much later as the decoder keeps them back. */
async function withDelay(options: Probe, info: MediaInfo): Promise<MediaInfo> {
  const { video } = info
  if (video === undefined || info.container !== 'avi') return info
  const delay = ((await firstShown({ ...options, index: video.index })) ?? 0) - (video.startTime ?? 0)
  return delay > 0 && delay < 1 ? { ...info, video: { ...video, delay } } : info
}

async function readHeaders({ tools, path, cwd, signal }: Probe): Promise<{ json: unknown; stderrTail: string }> {
  const limits = { ...defaultLimits, memoryBytes, wallMs, cpuSeconds: 60 }
  const program = [
    ...[tools.ffprobe, '-hide_banner', '-v', 'error', ...safetyArgs()],
    ...['-show_format', '-show_streams', '-of', 'json', '-i', fileUrl(path)],
  ]
  const { ended, stdout, stderrTail } = await runChild({
    argv: await walled({ sandbox: tools.sandbox, limits, program, cwd: '/' }),
    cwd,
    wallMs,
    signal,
    maxOutputBytes,
  })
  const failure = failureOf({ program: 'ffprobe', ended, stderrTail, signal })
  if (failure) throw failure
  try {
    return { json: JSON.parse(stdout.toString('utf8')), stderrTail }
  } catch (cause) {
    // ffprobe does not escape all that strangers write into tags.
    throw new SluiceError('corrupt_media', {
      message: `ffprobe printed JSON that does not parse: ${stderrTail}`,
      cause,
    })
  }
}
