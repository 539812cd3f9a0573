import { z } from 'zod'
import { assetKinds, priorities, visibilities } from '../core/asset.ts'
import { tenantPattern } from '../core/tenant.ts'

/** Postgres keeps no NUL, and half a surrogate pair is no text: two different ones would be stored as the same. */
const isText = (text: string) => text.isWellFormed() && !text.includes('\0')
const text = (max: number) => z.string().min(1).max(max).refine(isText, 'is not text that can be kept')

export const externalId = text(255)

export const profileName = text(64)

const metadataValue = z.union([
  z.string().max(2_000).refine(isText, 'is not text that can be kept'),
  z.number(),
  z.boolean(),
  z.null(),
])

export const metadata = z
  .record(text(100), metadataValue)
  .refine((fields) => Object.keys(fields).length <= 50, 'at most 50 entries')
  .refine((fields) => Buffer.byteLength(JSON.stringify(fields)) <= 16 * 1024, 'at most 16 KiB in all')

/** What a caller may say of an asset besides where its bytes are; the same for HTTP and for the queue. */
export const assetFields = z.strictObject({
  kind: z.enum(assetKinds).optional(),
  profile: profileName.optional(),
  externalId: externalId.optional(),
  metadata: metadata.optional(),
  priority: z.enum(priorities).optional(),
  visibility: z.enum(visibilities).optional(),
  webhookUrl: text(2_000).optional(),
})

/** Where the bytes are: behind an address, or in storage already. */
export const sourceInput = z.union([
  z.strictObject({ url: z.string().min(1).max(8_192) }),
  z.strictObject({ object: z.string().min(1).max(2_000) }),
])

/** A job of the queue `intake`, put there by a backend that does not speak HTTP to us. */
export const ingestPayload = assetFields.extend({
  source: sourceInput,
  tenant: z.string().regex(tenantPattern).optional(),
})
export type IngestPayload = z.infer<typeof ingestPayload>

/** A job of ours: the reminder that a task waits. Everything else is read from its row, so a job that was tampered with brings nothing in. */
export const taskPayload = z.strictObject({ taskId: z.uuid() })
export type TaskPayload = z.infer<typeof taskPayload>
