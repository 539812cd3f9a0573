import { z } from 'zod'

const segmentSchema = z.object({
  /** Below the generation's prefix. */
  key: z.string(),
  number: z.int().nonnegative(),
  bytes: z.int().positive(),
  /** From the segment's own samples. */
  start: z.number(),
  seconds: z.number().positive(),
  /** Pictures in video, AAC frames in audio. */
  frames: z.int().positive(),
})

const initSchema = z.object({ key: z.string(), sha256: z.string(), bytes: z.int().positive(), codec: z.string() })

const renditionResultSchema = z.object({ name: z.string(), init: initSchema, segments: z.array(segmentSchema) })

/** What one run of `encodeChunk` made; stored as the task's result. */
export const chunkResultSchema = z.object({
  chunk: z.int().nonnegative(),
  attempt: z.int().nonnegative(),
  renditions: z.array(renditionResultSchema),
})

/** What one run of `encodeAudio` made. */
export const audioResultSchema = z.object({
  track: z.string(),
  attempt: z.int().nonnegative(),
  init: initSchema,
  segments: z.array(segmentSchema),
})

export type SegmentFact = z.infer<typeof segmentSchema>
export type InitFact = z.infer<typeof initSchema>
export type ChunkResult = z.infer<typeof chunkResultSchema>
export type AudioResult = z.infer<typeof audioResultSchema>
