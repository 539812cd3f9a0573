import { SluiceError } from '../errors.ts'
import { untaggedMatrix } from './colour.ts'
import { chooseEncoder, type Encoder } from './encoder.ts'
import { outputRate } from './frame-rate.ts'
import { type Chunking, type Grid, planGrid } from './grid.ts'
import { planLadder, type Rendition } from './ladder.ts'
import type { AudioInfo, Hdr, MediaInfo, VideoInfo } from './media-info.ts'
import type { AudioProfile, Profile } from './profile.ts'
import type { Purpose } from './purpose.ts'
import { framesToSeconds, type Rational, toNumber } from './rational.ts'
import { type TextTrack, textTracks } from './text-tracks.ts'
import { trackLabels } from './track-labels.ts'

/** One sound rendition of a video: encoded once, whole, beside the pictures. */
export type AudioTrack = {
  /** Folder and group member: `audio-1`, `audio-2` … */
  name: string
  index: number
  label: string
  language?: string
  bitrate: number
  sampleRate: 48_000
  channels: 2
} & Purpose

/** How the source's picture becomes an upright, square-pixelled, 8-bit, BT.709 one. */
export type PictureSource = {
  index: number
  deinterlace: boolean
  toneMap: Hdr
  /** Absent for RGB, which has neither. */
  matrix?: 'bt709' | 'bt601' | 'bt2020'
  range?: 'tv' | 'pc'
  /** Seconds by which every picture comes out later than is meant; absent where it comes when it should. */
  delay?: number
}

/** Everything the workers need to know to make one video, as plain values. */
export type VideoPlan = {
  version: 1
  picture: PictureSource
  /** Where the media begins, in the container's own time. */
  origin: number
  /** Where ffmpeg counts `-ss` from: the container's first timestamp. */
  seekZero: number
  fps: Rational
  /** Of the picture, in seconds. */
  duration: number
  /** Every timestamp is moved up by this, so that the delay of B-frames and of AAC never falls below zero. */
  baseFrames: number
  grid: Grid
  encoder: Encoder
  renditions: Rendition[]
  audio: AudioTrack[]
  /** Absent where there is none. */
  texts?: TextTrack[]
}

const baseSeconds = 10

/** The moment, in seconds, at which every rendition's first picture stands. */
export const baseOf = ({ baseFrames, fps }: Pick<VideoPlan, 'baseFrames' | 'fps'>) => framesToSeconds(baseFrames, fps)

/** What becomes of one video: pure, so that the same facts always give the same cut. */
export function planVideo(options: { info: MediaInfo; profile: Profile; chunking?: Chunking }): VideoPlan {
  const { info, profile, chunking = 'grid' } = options
  const { video } = info
  if (!video || !profile.video) {
    throw new SluiceError('internal', { message: `no video to plan: ${info.kind}, profile ${profile.name}` })
  }
  const fps = outputRate({ fps: video.fps, maxFps: profile.video.maxFps })
  const texts = profile.subtitles ? textTracks(info.subtitles) : []
  const { origin, framesBefore } = originOf({ info, video, fps })
  const frames = countFrames({ info, video, fps, origin, framesBefore })
  return {
    version: 1,
    picture: pictureSource(video),
    origin,
    seekZero: info.startTime ?? 0,
    fps,
    duration: framesToSeconds(frames, fps),
    baseFrames: Math.ceil(baseSeconds * toNumber(fps)),
    grid: planGrid({ ...profile.video, frames, fps, chunking: isSeekable(info) ? chunking : 'single' }),
    encoder: chooseEncoder(profile.video),
    renditions: planLadder({ source: video, rungs: profile.video.ladder }),
    audio: profile.audio ? audioTracks(info.audio, profile.audio) : [],
    ...(texts.length > 0 ? { texts } : {}),
  }
}

/** Elsewhere a seek may land anywhere, and pieces made apart might not fit. */
const isSeekable = ({ container }: MediaInfo) => ['mov', 'matroska', 'avi'].includes(container)

/** Sound that begins less than this before the first picture (an encoder's delay, mostly) is cut to it; before more, the first picture stands. */
const longestTrim = 0.1

/**
 * Where the media begins: at the first picture, or a whole number of frames before it where sound begins earlier,
 * so that no picture ever falls between two places of the grid.
 */
function originOf({ info, video, fps }: { info: MediaInfo; video: VideoInfo; fps: Rational }) {
  const zero = info.startTime ?? 0
  const first = video.startTime ?? zero
  const lead = first - Math.min(first, ...info.audio.flatMap(({ startTime }) => startTime ?? []))
  const framesBefore = lead <= longestTrim ? 0 : Math.floor(lead * toNumber(fps))
  return { origin: first - framesToSeconds(framesBefore, fps), framesBefore }
}

/** How many frames the picture lasts, those that wait for it included. */
function countFrames(options: {
  info: MediaInfo
  video: VideoInfo
  fps: Rational
  origin: number
  framesBefore: number
}) {
  const { info, video, fps, origin, framesBefore } = options
  if (video.duration !== undefined) return framesBefore + Math.max(1, Math.round(video.duration * toNumber(fps)))
  if (info.duration !== undefined)
    return Math.max(1, Math.round(((info.startTime ?? 0) + info.duration - origin) * toNumber(fps)))
  throw new SluiceError('corrupt_media', { message: 'neither the container nor the stream says how long it is' })
}

function pictureSource(video: VideoInfo): PictureSource {
  const isRgb = /^(rgb|bgr|gbr|argb|abgr|0rgb|0bgr|pal8)/.test(video.pixFmt ?? '')
  return {
    index: video.index,
    deinterlace: video.interlaced,
    toneMap: video.hdr,
    ...(video.delay === undefined ? {} : { delay: video.delay }),
    ...(isRgb ? {} : { matrix: matrixOf(video), range: video.range ?? 'tv' }),
  }
}

function matrixOf(video: VideoInfo): 'bt709' | 'bt601' | 'bt2020' {
  const { colorSpace } = video
  if (colorSpace?.startsWith('bt2020')) return 'bt2020'
  if (colorSpace === 'smpte170m' || colorSpace === 'bt470bg' || colorSpace === 'fcc') return 'bt601'
  if (colorSpace !== undefined) return 'bt709'
  return untaggedMatrix(video)
}

function audioTracks(tracks: AudioInfo[], { bitrate, maxTracks }: AudioProfile): AudioTrack[] {
  const kept = tracks.slice(0, maxTracks)
  const labels = trackLabels(kept, 'Audio')
  const first = firstChoice(kept)
  return kept.map(({ index, language, commentary, describesVideo }, n) => ({
    ...{ name: `audio-${n + 1}`, index, label: labels[n] ?? `Audio ${n + 1}` },
    ...(language === undefined ? {} : { language }),
    ...(n === first && { default: true }),
    ...(commentary && { commentary }),
    ...(describesVideo && { describesVideo }),
    ...{ bitrate, sampleRate: 48_000, channels: 2 },
  }))
}

/** The track that the source wants played; never one that talks about the film, where there is another. */
function firstChoice(tracks: AudioInfo[]): number {
  const isPlain = ({ commentary, describesVideo }: AudioInfo) => !commentary && !describesVideo
  const wanted = tracks.findIndex((track) => track.default && isPlain(track))
  return wanted >= 0 ? wanted : Math.max(0, tracks.findIndex(isPlain))
}
