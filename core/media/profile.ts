import { z } from 'zod'

/** One step of the ladder: the picture's short side, and the rate that it never passes. */
const rungSchema = z.strictObject({
  shortSide: z.int().min(16).max(4320),
  maxBitrate: z.int().min(50_000).max(100_000_000),
})

const videoSchema = z.strictObject({
  ladder: z.array(rungSchema).min(1).max(8),
  crf: z.int().min(0).max(51),
  preset: z.enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower']),
  maxFps: z.number().min(1).max(120),
  /** How long a piece of work is; the first piece is short, so that viewers can start. */
  chunkSeconds: z.number().min(4).max(600),
  firstChunkSegments: z.int().min(1).max(4),
})

const audioSchema = z.strictObject({
  bitrate: z.int().min(32_000).max(512_000),
  maxTracks: z.int().min(1).max(16),
  /** How loud a recording without pictures is made, in LUFS; `false` leaves it as it is. */
  loudness: z.union([z.number().min(-40).max(-5), z.literal(false)]).optional(),
  /** A recording without pictures that lasts longer than this many seconds gets HLS too. */
  hlsFrom: z.union([z.number().min(0), z.literal(false)]).optional(),
})

const imagesSchema = z.strictObject({
  widths: z.array(z.int().min(16).max(8192)).max(12),
  formats: z.array(z.enum(['webp', 'avif'])).max(2),
  web: z.strictObject({ longSide: z.int().min(16).max(8192), maxBytes: z.int().min(10_000) }).optional(),
})

/** A named set of wishes. `false` switches an output off; the original, the facts and the row remain. */
export const profileSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  video: z.union([videoSchema, z.literal(false)]),
  audio: z.union([audioSchema, z.literal(false)]),
  images: z.union([imagesSchema, z.literal(false)]),
  thumbnails: z.union([z.strictObject({ fit: z.enum(['cover', 'inside']) }), z.literal(false)]),
  poster: z.boolean(),
  storyboard: z.boolean(),
  waveform: z.boolean(),
})

export type Rung = z.infer<typeof rungSchema>
export type AudioProfile = z.infer<typeof audioSchema>
export type Profile = z.infer<typeof profileSchema>

const ladder: Rung[] = [
  { shortSide: 1080, maxBitrate: 5_000_000 },
  { shortSide: 720, maxBitrate: 2_800_000 },
  { shortSide: 480, maxBitrate: 1_400_000 },
  { shortSide: 360, maxBitrate: 800_000 },
  { shortSide: 240, maxBitrate: 400_000 },
]

/** What everybody gets who asks for nothing. */
export const defaultProfile: Profile = {
  name: 'default',
  video: { ladder, crf: 23, preset: 'veryfast', maxFps: 60, chunkSeconds: 30, firstChunkSegments: 1 },
  audio: { bitrate: 128_000, maxTracks: 8, loudness: false, hlsFrom: 600 },
  images: {
    widths: [320, 640, 960, 1280, 1920],
    formats: ['webp', 'avif'],
    web: { longSide: 1600, maxBytes: 500_000 },
  },
  thumbnails: { fit: 'cover' },
  poster: true,
  storyboard: true,
  waveform: true,
}

const builtIn: Record<string, Profile> = { default: defaultProfile }

export const profileNames = Object.keys(builtIn)

export const profileNamed = (name: string): Profile | undefined =>
  Object.hasOwn(builtIn, name) ? builtIn[name] : undefined
