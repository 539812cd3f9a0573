import type { MediaInfo } from './media-info.ts'
import type { Profile } from './profile.ts'

/** Everything the workers need to know to make one recording without pictures, as plain values. */
export type SoundPlan = {
  version: 1
  index: number
  channels: 1 | 2
  /** More channels than any layout names are not mixed: the first two are taken. */
  mix: 'layout' | 'first two'
  /** Whether the container's times count. Elsewhere they are estimates, and samples follow each other. */
  timed: boolean
  bitrate: number
  sampleRate: 48_000
  /** As far as the headers and packets say. */
  seconds: number
  maxSeconds: number
  waveform: boolean
  loudness: number | false
  /** Whether it is long enough to be worth seeking in without fetching all of it. */
  hls: boolean
}

/** Its one rendition, and how long a segment of it is. */
export const soundTrack = 'audio-1'
export const soundSegmentSeconds = 4

/** Formats that write down when each packet plays, pauses of the recorder among it. */
const timedContainers = ['mov', 'matroska', 'asf', 'flv', 'avi', 'mpegts']
/** What ffmpeg knows the places of, and can mix. */
const mostMixed = 8

/** What becomes of a recording's first sound track; undefined where the profile wants no sound, or there is none. */
export function planSound(options: { info: MediaInfo; profile: Profile; maxSeconds: number }): SoundPlan | undefined {
  const { info, profile, maxSeconds } = options
  const [track] = info.audio
  if (profile.audio === false || track === undefined) return undefined
  const { hlsFrom = false } = profile.audio
  const channels = track.channels === 1 ? 1 : 2
  return {
    version: 1,
    index: track.index,
    channels,
    mix: (track.channels ?? 2) > mostMixed ? 'first two' : 'layout',
    timed: timedContainers.includes(info.container),
    bitrate: channels === 1 ? Math.max(32_000, Math.round(profile.audio.bitrate / 2)) : profile.audio.bitrate,
    sampleRate: 48_000,
    seconds: info.duration ?? 0,
    maxSeconds,
    waveform: profile.waveform,
    loudness: profile.audio.loudness ?? false,
    hls: typeof hlsFrom === 'number' && (info.duration ?? 0) > hlsFrom,
  }
}
