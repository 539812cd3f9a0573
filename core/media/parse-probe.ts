import { SluiceError } from '../errors.ts'
import { needsMeasure } from './measure.ts'
import type { MediaInfo, MediaLimits } from './media-info.ts'
import { type Probed, type ProbedStream, probeSchema } from './probe-schema.ts'
import { audioInfo, durationOf, isBareDolby, isEncrypted, subtitleInfo, videoInfo } from './probe-streams.ts'
import { isAudioCodec, isVideoCodec } from './whitelists.ts'

/** Turns what ffprobe printed into facts, or refuses the file with the reason. */
export function parseProbe(json: unknown, limits: MediaLimits): MediaInfo {
  const parsed = probeSchema.safeParse(json)
  if (!parsed.success)
    throw new SluiceError('corrupt_media', { message: `ffprobe: ${parsed.error.message.slice(0, 500)}` })
  const { streams, format } = parsed.data
  if (streams.some(isEncrypted)) throw new SluiceError('encrypted_media', { message: 'a stream is encrypted' })

  const pictures = streams.filter((stream) => stream.codec_type === 'video' && !isAttached(stream))
  const sounds = streams.filter((stream) => stream.codec_type === 'audio')
  const video = goodVideo(pictures, limits)
  const audio = sounds.filter(isGoodSound).slice(0, limits.maxAudioTracks).map(audioInfo)
  if (!video && audio.length === 0) throw nothingGood({ pictures, sounds, format })
  const cover = streams.find((stream) => stream.codec_type === 'video' && isAttached(stream))

  const info: MediaInfo = {
    kind: video ? (isStill({ audio, streams, format }) ? 'image' : 'video') : 'audio',
    container: format?.format_name?.split(',')[0] ?? 'unknown',
    ...fact('duration', positive(format?.duration) ?? longest(streams)),
    ...fact('startTime', format?.start_time),
    ...fact('bitrate', positive(format?.bit_rate)),
    ...(video ? { video } : {}),
    audio,
    ...(cover ? { cover: { index: cover.index } } : {}),
    subtitles: streams.filter((stream) => stream.codec_type === 'subtitle').map(subtitleInfo),
    dataStreams: streams.filter((stream) => stream.codec_type === 'data').length,
  }
  // A length that will be counted is judged then.
  return info.kind === 'audio' && needsMeasure(info).length > 0 ? info : withinDuration(info, limits)
}

/** Asked again after the file was measured, where its header said nothing. */
export function withinDuration(info: MediaInfo, limits: Pick<MediaLimits, 'maxDuration'>): MediaInfo {
  if ((info.duration ?? 0) <= limits.maxDuration) return info
  const publicMessage = `The media lasts ${Math.round(info.duration ?? 0)} s; ${limits.maxDuration} s is the limit`
  throw new SluiceError('too_long', { message: publicMessage, publicMessage })
}

/** The first picture stream that can be decoded here and is not absurd; undefined where the file has none. */
function goodVideo(pictures: ProbedStream[], limits: MediaLimits) {
  const decodable = pictures.filter((stream) => stream.codec_name !== undefined && isVideoCodec(stream.codec_name))
  if (decodable.some(isBareDolby))
    throw new SluiceError('unsupported_codec', {
      message: 'Dolby Vision without a compatible base layer',
      publicMessage:
        'Dolby Vision is accepted only where its pictures are HDR10, HLG or SDR without it (not profile 5).',
    })
  const sized = decodable.map(videoInfo).filter((video) => video !== undefined)
  const [first] = sized
  if (!first && decodable.length > 0)
    throw new SluiceError('corrupt_media', { message: 'a video stream without a size' })
  if (!first && pictures.length > 0) {
    const names = pictures
      .map((stream) => stream.codec_name ?? 'unknown')
      .join(', ')
      .slice(0, 80)
    throw new SluiceError('unsupported_codec', {
      message: `no decoder allowed for ${names}`,
      publicMessage: `The video codec (${names}) is not accepted`,
    })
  }
  if (first) refuseHuge(first, limits)
  return first
}

type Sized = { codedWidth: number; codedHeight: number; width: number; height: number }

function refuseHuge({ codedWidth, codedHeight, width, height }: Sized, { maxPixels, maxSide }: MediaLimits) {
  const pixels = Math.max(codedWidth * codedHeight, width * height)
  const side = Math.max(codedWidth, codedHeight, width, height)
  if (pixels <= maxPixels && side <= maxSide) return
  throw new SluiceError('too_many_pixels', { message: `${codedWidth}x${codedHeight}, shown ${width}x${height}` })
}

const isAttached = (stream: ProbedStream) => stream.disposition?.['attached_pic'] === 1
/** Telephones use 8000, studios 192000; at one sample a second an encoder would wait for ever. */
const isSaneRate = (rate: number | undefined) => rate === undefined || (rate >= 2_000 && rate <= 768_000)
const isGoodSound = (stream: ProbedStream) =>
  stream.codec_name !== undefined &&
  isAudioCodec(stream.codec_name) &&
  (stream.channels ?? 0) > 0 &&
  isSaneRate(stream.sample_rate)

function nothingGood(found: { pictures: ProbedStream[]; sounds: ProbedStream[]; format: Probed['format'] }) {
  const { pictures, sounds, format } = found
  const names = [...pictures, ...sounds]
    .map((stream) => stream.codec_name ?? 'unknown')
    .join(', ')
    .slice(0, 80)
  if (names === '') return new SluiceError('no_media_streams', { message: `nothing in ${format?.format_name}` })
  return new SluiceError('unsupported_codec', {
    message: `no decoder allowed for ${names}`,
    publicMessage: `The codec (${names}) is not accepted`,
  })
}

type Candidate = { audio: unknown[]; streams: ProbedStream[]; format: Probed['format'] }

/** One picture without sound or length: an AVIF in its mp4 box, a single JPEG in whatever container. */
function isStill({ audio, streams, format }: Candidate): boolean {
  if (audio.length > 0) return false
  if (/_pipe$|^image2|^gif$/.test(format?.format_name ?? '')) return true
  const frames = streams.find((stream) => stream.codec_type === 'video' && !isAttached(stream))?.nb_frames
  return frames === 1
}

const longest = (streams: ProbedStream[]) => {
  const known = streams
    .filter((stream) => !isAttached(stream))
    .map(durationOf)
    .filter((length) => length !== undefined)
  return known.length > 0 ? Math.max(...known) : undefined
}

const positive = (value: number | undefined) => (value !== undefined && value > 0 ? value : undefined)

/** A property only where there is something to say. */
const fact = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [key in Name]?: Value }
