import { SluiceError } from '../../core/errors.ts'
import { needsMeasure, withMeasure } from '../../core/media/measure.ts'
import { defaultMediaLimits, type MediaInfo, type MediaLimits } from '../../core/media/media-info.ts'
import { parseProbe, withinDuration } from '../../core/media/parse-probe.ts'
import { firstShown } from './ffprobe-frames.ts'
import { measurePackets } from './ffprobe-packets.ts'
import { lookAtMp4 } from './mp4-file.ts'
import { type Look, runFfprobe } from './run-ffprobe.ts'

export type Probe = Look & { limits?: Partial<MediaLimits> }

/** A look at headers and a few pictures: eight of the largest that may be, at 16 bits. */
const memoryBytes = 3 * 2 ** 30
const maxBytes = 8 * 2 ** 20

/** The facts of a local file, or the reason why it is refused. Where the headers do not say how long it is, its packets are counted. */
export async function probe({ limits: more, ...look }: Probe): Promise<MediaInfo> {
  const limits = { ...defaultMediaLimits, ...more }
  const { cutShort } = await lookAtMp4(look.path)
  const { json, stderrTail } = await readHeaders(look)
  const told = parsed({ json, stderrTail, limits })
  const info = await withDelay(look, cutShort ? { ...told, cutShort } : told)
  const [index] = needsMeasure(info)
  if (index === undefined) return info
  return withinDuration(withMeasure({ info, index, measure: await measurePackets({ ...look, index }) }), limits)
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
async function withDelay(look: Look, info: MediaInfo): Promise<MediaInfo> {
  const { video } = info
  if (video === undefined || info.container !== 'avi') return info
  const delay = ((await firstShown({ ...look, index: video.index })) ?? 0) - (video.startTime ?? 0)
  return delay > 0 && delay < 1 ? { ...info, video: { ...video, delay } } : info
}

async function readHeaders(look: Look): Promise<{ json: unknown; stderrTail: string }> {
  const args = ['-show_format', '-show_streams', '-of', 'json']
  const { printed, stderrTail } = await runFfprobe({ ...look, args, memoryBytes, answer: { maxBytes } })
  try {
    return { json: JSON.parse(printed), stderrTail }
  } catch (cause) {
    // ffprobe does not escape all that strangers write into tags.
    throw new SluiceError('corrupt_media', {
      message: `ffprobe printed JSON that does not parse: ${stderrTail}`,
      cause,
    })
  }
}
