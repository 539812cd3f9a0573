import { displaySize, turnOf } from './display.ts'
import { frameRate } from './frame-rate.ts'
import type { AudioInfo, Hdr, SubtitleInfo, VideoInfo } from './media-info.ts'
import type { ProbedStream } from './probe-schema.ts'
import { purposeOf } from './purpose.ts'
import { parseRational, type Rational, toNumber } from './rational.ts'

/** What one video stream is; undefined where it has no usable size. */
export function videoInfo(stream: ProbedStream): VideoInfo | undefined {
  const { width, height } = stream
  if (!isSize(width) || !isSize(height)) return undefined
  const sar = pixelShape(stream.sample_aspect_ratio)
  const matrix = stream.side_data_list?.find((data) => data.side_data_type === 'Display Matrix')
  const turn = turnOf({ displaymatrix: matrix?.displaymatrix, rotation: matrix?.rotation })
  const { fps, constantRate } = frameRate({ average: stream.avg_frame_rate, lowest: stream.r_frame_rate })
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    codedWidth: width,
    codedHeight: height,
    ...displaySize({ width, height, sar, rotation: turn.rotation }),
    sar,
    ...turn,
    ...(fps ? { fps } : {}),
    constantRate,
    ...known('frames', countOf(stream)),
    ...known('duration', durationOf(stream)),
    ...known('startTime', stream.start_time),
    ...colourOf(stream),
    interlaced: /^(tt|bb|tb|bt)$/.test(stream.field_order ?? ''),
  }
}

function colourOf(stream: ProbedStream) {
  return {
    ...known('pixFmt', stream.pix_fmt),
    bitDepth: bitDepth(stream),
    ...known('range', rangeOf(stream)),
    ...known('colorPrimaries', named(stream.color_primaries)),
    ...known('colorTransfer', named(stream.color_transfer)),
    ...known('colorSpace', named(stream.color_space)),
    hdr: hdrOf(stream),
  }
}

export function audioInfo(stream: ProbedStream): AudioInfo {
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    ...known('channels', countable(stream.channels)),
    ...known('sampleRate', countable(stream.sample_rate)),
    ...known('language', languageOf(stream)),
    ...known('title', titleOf(stream)),
    ...known('startTime', stream.start_time),
    ...known('duration', durationOf(stream)),
    ...purposeOf(stream.disposition),
  }
}

export function subtitleInfo(stream: ProbedStream): SubtitleInfo {
  return {
    index: stream.index,
    ...known('codec', stream.codec_name),
    ...known('language', languageOf(stream)),
    ...known('title', titleOf(stream)),
    ...purposeOf(stream.disposition),
  }
}

/** Seconds, from the stream itself or from Matroska's tag. */
export function durationOf(stream: ProbedStream): number | undefined {
  if (stream.duration !== undefined && stream.duration > 0) return stream.duration
  const [, hours, minutes, rest] = /^(\d{1,4}):(\d\d):(\d\d(?:\.\d+)?)$/.exec(tagOf(stream, 'duration') ?? '') ?? []
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(rest)
  return total > 0 ? total : undefined
}

/** Common encryption in mp4 shows in the sample entry, in WebM in side data. */
export const isEncrypted = (stream: ProbedStream) =>
  /^(encv|enca|encs|enct|drmi|drms)$/.test(stream.codec_tag_string ?? '') ||
  (stream.side_data_list ?? []).some((data) => /^Encryption/.test(data.side_data_type ?? ''))

/** The language as the web writes it (`en`, not `eng`); undefined when unknown or not a language. */
function languageOf(stream: ProbedStream): string | undefined {
  const tag = tagOf(stream, 'language')
  if (tag === undefined || !/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/i.test(tag) || /^(und|mul|zxx|mis)$/i.test(tag))
    return undefined
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch {
    // `zh-yue` has the shape of a tag and is none.
    return undefined
  }
}

/** A stranger's words: kept short, on one line, and without what a playlist could take amiss. */
function titleOf(stream: ProbedStream): string | undefined {
  const title = (tagOf(stream, 'title') ?? '')
    .toWellFormed()
    .replace(/[\p{Control}\p{Format}\p{Zl}\p{Zp}"]+/gu, ' ')
    .trim()
  // By characters: half of one is no text.
  return title === '' ? undefined : Array.from(title).slice(0, 80).join('').trim()
}

function tagOf(stream: ProbedStream, name: string): string | undefined {
  const [, value] = Object.entries(stream.tags ?? {}).find(([key]) => key.toLowerCase() === name) ?? []
  return typeof value === 'string' ? value : undefined
}

function countOf(stream: ProbedStream) {
  const tagged = Number(tagOf(stream, 'number_of_frames'))
  return countable(stream.nb_frames) ?? countable(tagged)
}

/** Shapes that no camera makes are lies: pixels are then square. */
function pixelShape(text: string | undefined): Rational {
  const sar = parseRational(text)
  return sar && toNumber(sar) >= 0.1 && toNumber(sar) <= 10 ? sar : { num: 1, den: 1 }
}

function bitDepth({ pix_fmt: pixFmt, bits_per_raw_sample: raw }: ProbedStream): number {
  const [, depth] = /(?:p|gray)(9|10|12|14|16)(?:le|be)?$/.exec(pixFmt ?? '') ?? []
  return depth !== undefined ? Number(depth) : raw !== undefined && raw >= 8 && raw <= 16 ? raw : 8
}

function rangeOf({ color_range: range, pix_fmt: pixFmt }: ProbedStream): 'tv' | 'pc' | undefined {
  if (pixFmt?.startsWith('yuvj')) return 'pc'
  return range === 'tv' || range === 'pc' ? range : undefined
}

function hdrOf(stream: ProbedStream): Hdr {
  const transfer = named(stream.color_transfer)
  if (transfer === 'smpte2084') return 'pq'
  if (transfer === 'arib-std-b67') return 'hlg'
  // Where the pictures themselves do not say, Dolby's entry tells what they are without its own data.
  const base = transfer === undefined ? dolbyOf(stream)?.dv_bl_signal_compatibility_id : undefined
  return base === 1 || base === 6 ? 'pq' : base === 4 ? 'hlg' : false
}

const dolbyOf = (stream: ProbedStream) =>
  stream.side_data_list?.find((data) => data.side_data_type === 'DOVI configuration record')

/** Dolby Vision whose pictures are in colours of its own: only Dolby's decoders make sense of them. */
export function isBareDolby(stream: ProbedStream): boolean {
  const dolby = dolbyOf(stream)
  return dolby?.dv_profile === 5 || (dolby?.dv_profile !== undefined && dolby.dv_bl_signal_compatibility_id === 0)
}

const named = (value: string | undefined) =>
  value === undefined || /^(unknown|unspecified|reserved)$/.test(value) ? undefined : value
const isSize = (value: number | undefined): value is number =>
  value !== undefined && Number.isInteger(value) && value > 0 && value <= 65_535
const countable = (value: number | undefined) =>
  value !== undefined && Number.isInteger(value) && value > 0 ? value : undefined
const known = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [key in Name]?: Value }
