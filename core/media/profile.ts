import { z } from 'zod'
import { defaultMediaLimits } from './media-info.ts'

/** One step of the ladder: the picture's short side, which H.264 wants even, and the rate that it never passes. */
const rungSchema = z.strictObject({
  shortSide: z.int().min(16).max(4320).multipleOf(2),
  maxBitrate: z.int().min(50_000).max(100_000_000),
})

const ladderSchema = z
  .array(rungSchema)
  .min(1)
  .max(8)
  .refine((rungs) => new Set(rungs.map((rung) => rung.shortSide)).size === rungs.length, 'names a short side twice')
  .refine(capsGrow, 'gives a smaller picture more bits than a larger one')

function capsGrow(rungs: readonly Rung[]): boolean {
  const caps = rungs.toSorted((a, b) => a.shortSide - b.shortSide).map((rung) => rung.maxBitrate)
  return caps.every((cap, n) => cap >= (caps[n - 1] ?? 0))
}

const videoSchema = z.strictObject({
  ladder: ladderSchema,
  /** From 1: at 0 the encoder is lossless, which High H.264 cannot say. */
  crf: z.int().min(1).max(51),
  preset: z.enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower']),
  /** Rates above it are halved, so the lowest that can come out is half of it. */
  maxFps: z.number().min(10).max(120),
  /** Keyframes stand every 2 s, and a segment is a whole number of them. */
  segmentSeconds: z.int().min(2).max(12).multipleOf(2),
  /** How long a piece of work is; the first piece is short, so that viewers can start. */
  chunkSeconds: z.number().min(4).max(600),
  firstChunkSegments: z.int().min(1).max(4),
})

const audioSchema = z.strictObject({
  bitrate: z.int().min(32_000).max(512_000),
  maxTracks: z.int().min(1).max(defaultMediaLimits.maxAudioTracks),
  /** How loud a recording without pictures is made, in LUFS; `false` leaves it as it is. */
  loudness: z.union([z.number().min(-40).max(-5), z.literal(false)]).optional(),
  /** A recording without pictures that lasts longer than this many seconds gets HLS too. */
  hlsFrom: z.union([z.number().min(0), z.literal(false)]).optional(),
})

/** A JPEG that anything can show. */
const webSchema = z.strictObject({ longSide: z.int().min(16).max(8192), maxBytes: z.int().min(10_000) })

const imagesSchema = z.strictObject({
  widths: z.array(z.int().min(16).max(8192)).max(12),
  formats: z.array(z.enum(['webp', 'avif'])).max(2),
  web: z.union([webSchema, z.literal(false)]),
  /** Whether TIFF is taken: scanners write it, and its decoder is a large one to offer to strangers. */
  tiff: z.boolean().optional(),
})

/** The best rendition whose short side is no longer than this, or the smallest, as one file. */
const mp4Schema = z.strictObject({ shortSide: z.int().min(16).max(4320) })

const thumbnailsSchema = z.strictObject({ fit: z.enum(['cover', 'inside']) })

/** How profiles are named, in a file and in a request. */
export const profileName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'a profile is named in lower-case letters, digits and dashes')

/** The parts that have wishes of their own, each of which `false` switches off. */
export const profileParts = {
  video: videoSchema,
  audio: audioSchema,
  images: imagesSchema,
  thumbnails: thumbnailsSchema,
  mp4: mp4Schema,
}

/** A named set of wishes. `false` switches an output off; the original, the facts and the row remain. */
export const profileSchema = z.strictObject({
  name: profileName,
  video: z.union([videoSchema, z.literal(false)]),
  audio: z.union([audioSchema, z.literal(false)]),
  images: z.union([imagesSchema, z.literal(false)]),
  thumbnails: z.union([thumbnailsSchema, z.literal(false)]),
  poster: z.boolean(),
  storyboard: z.boolean(),
  waveform: z.boolean(),
  subtitles: z.boolean(),
  mp4: z.union([mp4Schema, z.literal(false)]),
})

export type Rung = z.infer<typeof rungSchema>
export type AudioProfile = z.infer<typeof audioSchema>
export type Profile = z.infer<typeof profileSchema>
