import type { Profile, Rung } from './profile.ts'

const ladder: Rung[] = [
  { shortSide: 1080, maxBitrate: 5_000_000 },
  { shortSide: 720, maxBitrate: 2_800_000 },
  { shortSide: 480, maxBitrate: 1_400_000 },
  { shortSide: 360, maxBitrate: 800_000 },
  { shortSide: 240, maxBitrate: 400_000 },
]

const video = {
  ladder,
  crf: 23,
  preset: 'veryfast' as const,
  maxFps: 60,
  segmentSeconds: 4,
  chunkSeconds: 30,
  firstChunkSegments: 1,
}

/** What everybody gets who asks for nothing. */
export const defaultProfile: Profile = {
  name: 'default',
  video,
  audio: { bitrate: 128_000, maxTracks: 8, loudness: false, hlsFrom: 600 },
  images: {
    widths: [320, 640, 960, 1280, 1920],
    formats: ['webp', 'avif'],
    web: { longSide: 1600, maxBytes: 500_000 },
    tiff: false,
  },
  thumbnails: { fit: 'cover' },
  poster: true,
  storyboard: true,
  waveform: true,
  subtitles: true,
  mp4: false,
}

/** Ready sooner and for less: two qualities, and no AVIF, which costs the most of all pictures. */
const fast: Profile = {
  ...defaultProfile,
  name: 'fast',
  video: { ...video, ladder: ladder.filter(({ shortSide }) => [720, 360].includes(shortSide)), preset: 'superfast' },
  images: { widths: [640, 1280], formats: ['webp'], web: { longSide: 1600, maxBytes: 500_000 }, tiff: false },
}

/** The original under a lasting address, what can be known of it, and the three thumbnails. */
const rehost: Profile = {
  name: 'rehost',
  video: false,
  audio: false,
  images: false,
  thumbnails: { fit: 'cover' },
  poster: false,
  storyboard: false,
  waveform: false,
  subtitles: false,
  mp4: false,
}

/** As `default`, and what is filmed in more than full HD is offered so. */
const uhd: Profile = {
  ...defaultProfile,
  name: 'uhd',
  video: {
    ...video,
    ladder: [{ shortSide: 2160, maxBitrate: 16_000_000 }, { shortSide: 1440, maxBitrate: 9_000_000 }, ...ladder],
  },
}

export const builtInProfiles: readonly Profile[] = [defaultProfile, fast, rehost, uhd]
