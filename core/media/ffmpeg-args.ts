import { SluiceError } from '../errors.ts'
import { decoders, formats } from './whitelists.ts'

const maxPixels = 50_000_000
const maxStreams = 32
const probeBytes = 20_000_000
/** Of one piece: the largest picture there may be, at 16 bits a channel, and no index of more than 25 million samples. */
const maxAllocation = 600_000_000
const analyzeMicroseconds = 20_000_000

type Input = {
  /** Absolute, and of our own making: never a stranger's name. */
  path: string
  /** Seconds after the file's first timestamp. */
  seek?: number
  length?: number
  /** Hand on everything from the keyframe before `seek`, with negative timestamps; the filter graph cuts. */
  noAccurateSeek?: boolean
  /** Leave timestamps as the container has them. Otherwise ffmpeg moves each run's zero to the first stream that this run reads. */
  keepTimes?: boolean
  /** Decode keyframes only. */
  keyframesOnly?: boolean
  /** Let the container leave out what is no keyframe of this stream, where it can: then it is not even read. */
  readKeyframesOf?: number
}

/** What every ffmpeg and ffprobe is told before it opens a stranger's file. */
export function safetyArgs(): string[] {
  return [
    ...['-protocol_whitelist', 'file,crypto,data'],
    ...['-format_whitelist', formats.join(',')],
    ...['-codec_whitelist', decoders.join(',')],
    ...['-max_streams', String(maxStreams)],
    ...['-max_pixels', String(maxPixels)],
    ...['-max_alloc', String(maxAllocation)],
    ...['-probesize', String(probeBytes)],
    ...['-analyzeduration', String(analyzeMicroseconds)],
  ]
}

/** One input of ffmpeg, from the safety options to `-i`. */
export function inputArgs({
  path,
  seek,
  length,
  noAccurateSeek,
  keepTimes,
  keyframesOnly,
  readKeyframesOf,
}: Input): string[] {
  return [
    ...safetyArgs(),
    ...(keepTimes ? ['-copyts'] : []),
    ...(readKeyframesOf === undefined ? [] : [`-discard:${readKeyframesOf}`, 'nokey']),
    ...(keyframesOnly ? ['-skip_frame', 'nokey'] : []),
    ...(noAccurateSeek ? ['-noaccurate_seek'] : []),
    ...(seek === undefined ? [] : ['-ss', seconds(seek)]),
    ...(length === undefined ? [] : ['-t', seconds(length)]),
    ...['-i', fileUrl(path)],
  ]
}

/** One input that we made ourselves: fragments, from a file or from the standard input. */
export function ownInputArgs(url: string): string[] {
  return ['-protocol_whitelist', 'file,pipe', '-f', 'mov', '-i', url]
}

/** `file:` stops ffmpeg from taking a name like `concat:a|b` for a protocol. */
export function fileUrl(path: string): string {
  if (path.startsWith('/') && !path.includes('\0')) return `file:${path}`
  throw new SluiceError('internal', {
    message: `ffmpeg was handed a path that is not absolute: ${JSON.stringify(path)}`,
  })
}

/** A number as ffmpeg reads it everywhere: no exponent, to the microsecond, never NaN. */
export function seconds(value: number): string {
  if (Number.isFinite(value)) return value.toFixed(6)
  throw new SluiceError('internal', { message: `ffmpeg was handed ${value} for a time` })
}
