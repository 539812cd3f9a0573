import type { Purpose } from './purpose.ts'
import type { Rational } from './rational.ts'

export type Hdr = false | 'pq' | 'hlg'

export type VideoInfo = {
  index: number
  codec: string
  codedWidth: number
  codedHeight: number
  /** As shown: pixel shape and rotation applied. */
  width: number
  height: number
  sar: Rational
  rotation: 0 | 90 | 180 | 270
  mirrored: boolean
  /** The rate to show it at; not above what is plausible, undefined where the file does not say. */
  fps?: Rational
  /** Whether the container's two opinions on the frame rate are one. */
  constantRate: boolean
  frames?: number
  duration?: number
  startTime?: number
  pixFmt?: string
  bitDepth: number
  range?: 'tv' | 'pc'
  colorPrimaries?: string
  colorTransfer?: string
  colorSpace?: string
  hdr: Hdr
  interlaced: boolean
  /** How much later, in seconds, the decoder shows every picture than is meant: in containers that know no time of showing. */
  delay?: number
}

export type AudioInfo = {
  index: number
  codec: string
  channels?: number
  sampleRate?: number
  language?: string
  title?: string
  startTime?: number
  duration?: number
} & Purpose

export type SubtitleInfo = { index: number; codec?: string; language?: string; title?: string } & Purpose

/** Everything that is known of one file, as plain values. What is not known is absent, never 0. */
export type MediaInfo = {
  kind: 'video' | 'audio' | 'image'
  /** ffmpeg's name for the demuxer, its first word: `mov`, `matroska`, `mpegts` … */
  container: string
  duration?: number
  startTime?: number
  bitrate?: number
  video?: VideoInfo
  audio: AudioInfo[]
  cover?: { index: number }
  subtitles: SubtitleInfo[]
  dataStreams: number
  /** The file ends before its index says: only counting tells how long it is. */
  cutShort?: true
}

export type MediaLimits = { maxPixels: number; maxSide: number; maxDuration: number; maxAudioTracks: number }

export const defaultMediaLimits: MediaLimits = {
  maxPixels: 50_000_000,
  maxSide: 16_384,
  maxDuration: 12 * 3600,
  maxAudioTracks: 8,
}
