import type { Readable } from 'node:stream'
import { z } from 'zod'
import { SluiceError } from '../errors.ts'
import { isSafeKey } from './keys.ts'

// Names below become paths and keys: nothing but what a driver made itself may come back.
const name = z.string().regex(/^[0-9a-f]{32}$/)
const count = z.int().nonnegative()
const key = z.string().refine(isSafeKey)
const staged = z.strictObject({ name, bytes: count })

const localGrowth = z.strictObject({
  driver: z.literal('local'),
  key,
  bytes: count,
  id: name,
  /** In order. `open` where a writer may still hold the file, and write on. */
  files: z.array(staged.extend({ open: z.literal(true).optional() })),
})

const s3Growth = z.strictObject({
  driver: z.literal('s3'),
  key,
  bytes: count,
  id: name,
  contentType: z.string(),
  cacheControl: z.string(),
  partBytes: z.int().positive(),
  uploadId: z.string().optional(),
  /** What was uploaded, in order; the numbers may have gaps. */
  parts: z.array(z.tuple([z.int().positive(), z.string()])),
  nextPart: z.int().positive(),
  /** Small objects with what has come since the last part. */
  crumbs: z.array(staged),
  /** Small objects that went into a part: of use to nobody once this growth is the truth. */
  spent: z.array(name),
})

const growthSchema = z.discriminatedUnion('driver', [localGrowth, s3Growth])

/** How far an object has grown, in its driver's own words: plain JSON that the caller keeps in a row and hands back. */
export type Growth = z.infer<typeof growthSchema>
export type LocalGrowth = z.infer<typeof localGrowth>
export type S3Growth = z.infer<typeof s3Growth>

/** A growth as it comes back from a row. Drivers do this by themselves for every growth that they are given. */
export function parseGrowth(value: unknown): Growth {
  const parsed = growthSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new SluiceError('internal', { message: `this is no growth: ${parsed.error.message}`, cause: parsed.error })
}

export type BeginOptions = {
  contentType: string
  cacheControl: string
  /** The most it may grow to, as far as that is known: S3 sizes its equal parts by it. Default: 100 GiB. */
  atMost?: number
}

export type AppendOptions = {
  /** Stops in peace: what came is kept, and the reason comes out as `failure`. */
  signal?: AbortSignal
  /** Of this append alone. Takes so many, and says `too_large` when there are more. */
  maxBytes?: number
  /** Nobody but the append looks at the body's chunks: it gives their memory back as it goes. */
  ownsChunks?: boolean
  /** The writer before us did not say goodbye: killed, or stopped and may wake up. Nothing that it still writes will count. */
  fresh?: boolean
  /**
   * Hears of progress that is durable already, about once a second, one call at a time, so that it may be written down.
   * A call that throws ends the append with what it threw: somebody else may have taken over.
   */
  onSafe?(growth: Growth): Promise<void> | void
}

export type Grown = { growth: Growth; failure?: unknown }

/**
 * Objects that grow by appends, and that nobody sees until they are sealed.
 * The caller keeps the growth in a row, which is the truth: bytes that it does not count are garbage, whoever wrote them.
 * One writer at a time is the caller's duty, and that only the one who may write the row seals; `fresh` is for the day it fails.
 */
export type Growing = {
  begin(key: string, options: BeginOptions): Promise<Growth>
  /**
   * Appends what the body brings; durable when it returns. Keeps whatever came, also when the body breaks off: then `failure` says why.
   * Never throws for what happens on the way, and leaves the body to the caller, who may still want to answer on its connection.
   * A caller that drops what this returns and goes on from an earlier growth has taken the append back.
   */
  append(growth: Growth, body: Readable, options?: AppendOptions): Promise<Grown>
  /** Makes it the object at its key. Repeatable: after a crash half-way it is simply called again. `fresh` as above. */
  seal(growth: Growth, options?: { fresh?: boolean }): Promise<{ key: string; bytes: number; etag: string }>
  /** Takes back what is not sealed; a sealed object stays. Repeatable. */
  discard(growth: Growth): Promise<void>
}
