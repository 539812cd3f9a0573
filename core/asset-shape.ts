import { z } from 'zod'
import { assetKinds, assetStatuses, visibilities } from './asset.ts'

/** A moment, in ISO 8601. */
export const moment = z.iso.datetime()
const count = z.int().min(0)
const address = z.string()
const ms = count.nullable()

const pictureShape = z.object({
  name: z.string(),
  width: count,
  height: count,
  format: z.string(),
  bytes: count,
  url: address,
})

/** What decoding told of the media. What is not known is absent or null, never 0. */
const mediaShape = z.looseObject({
  duration: z.number().nullable().optional().describe('Seconds'),
  width: count.optional().describe('As shown: rotation and pixel shape applied'),
  height: count.optional(),
  fps: z.number().nullable().optional(),
  rotation: z.number().optional(),
  videoCodec: z.string().optional(),
  audioCodec: z.string().nullable().optional(),
  audioChannels: count.optional(),
  audioSampleRate: count.optional(),
  audioTracks: count.optional(),
  hdr: z.boolean().optional(),
  format: z.string().optional(),
})
export type MediaFacts = z.infer<typeof mediaShape>

const sourceShape = z.object({
  type: z.enum(['upload', 'url', 'object']),
  filename: z.string().nullable(),
  bytes: count.nullable(),
  receivedBytes: count,
  mime: z.string().nullable().describe('By the bytes, never by the name'),
  sha256: z.string().nullable(),
  object: z.string().optional(),
  url: z.string().optional().describe('Without its query, which holds signatures'),
})

/** What an asset shows, at addresses that anybody may read who has them. */
export const shownShape = z.object({
  playback: z
    .object({
      hls: address.optional(),
      dash: address.optional(),
      mp4: address.optional(),
      original: address.optional(),
      poster: address.optional(),
    })
    .nullable(),
  thumbnails: z.array(pictureShape),
  storyboard: z.object({ vtt: address, tileWidth: count, tileHeight: count, interval: z.number() }).nullable(),
  images: z.array(pictureShape),
  srcset: z.object({ avif: z.string().optional(), webp: z.string().optional() }).nullable(),
  audio: z.object({ url: address, format: z.string(), bytes: count, waveform: address.optional() }).nullable(),
})

/** An asset as everybody outside sees it: over HTTP, in events and webhooks. The document of the API and the client's types are made from it. */
export const assetShape = z.object({
  id: z.uuid(),
  kind: z.enum(assetKinds).nullable().describe('Decided from the bytes; null until they were looked at'),
  status: z.enum(assetStatuses),
  playable: z.boolean().describe('True as soon as every quality can start playing: for video long before `ready`'),
  progress: z.number().min(0).max(1),
  generation: count,
  profile: z.string(),
  externalId: z.string().nullable(),
  metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  visibility: z.enum(visibilities),
  source: sourceShape,
  media: mediaShape.nullable(),
  playback: shownShape.shape.playback,
  renditions: z
    .array(
      z.object({
        name: z.string(),
        width: count,
        height: count,
        bandwidth: count,
        codecs: z.string(),
        frameRate: z.number(),
      }),
    )
    .describe('Best first'),
  thumbnails: shownShape.shape.thumbnails,
  storyboard: shownShape.shape.storyboard,
  images: shownShape.shape.images.describe('The original first, then each format from small to large'),
  srcset: shownShape.shape.srcset.describe('Ready for the attribute of the same name'),
  audio: shownShape.shape.audio,
  placeholder: z.object({ thumbhash: z.string(), color: z.string() }).nullable(),
  timings: z.object({ receivedMs: ms, waitedMs: ms, firstPlayableMs: ms, totalMs: ms }),
  error: z
    .object({ code: z.string(), message: z.string(), retryable: z.boolean(), taskId: z.uuid().nullable() })
    .nullable(),
  createdAt: moment,
  updatedAt: moment,
  playableAt: moment.nullable(),
  readyAt: moment.nullable(),
})

export type AssetView = z.infer<typeof assetShape>
