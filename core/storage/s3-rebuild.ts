import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { z } from 'zod'
import { SluiceError } from '../errors.ts'
import type { S3Growth } from './growing.ts'
import { privateObject } from './keys.ts'
import type { Bucket } from './s3-client.ts'
import { copyRanges } from './s3-copy.ts'
import { crumbFolder } from './s3-crumbs.ts'
import { isAbsentKey, isAbsentUpload, isInvalidPart } from './s3-errors.ts'
import { completeUpload, partsOf } from './s3-multipart.ts'

const planSchema = z.strictObject({
  /** Every part that the store holds, in order. */
  parts: z.array(z.strictObject({ number: z.int(), etag: z.string(), bytes: z.int(), counts: z.boolean() })),
  /** Of the object that they make together, once it is there. */
  etag: z.string().optional(),
})
type Plan = z.infer<typeof planSchema>

// A lost writer may add parts while they are listed; it cannot add more than its numbers allow.
const triesAtMost = 40

/**
 * Some stores complete an upload only when every part that they hold is named, also those of lost writers, which count for nothing.
 * There all parts are made one object, from which what counts is copied, within the store. What is under way is written down, so that it can be gone on with.
 */
export async function rebuild(bucket: Bucket, growth: S3Growth): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await carryOut(bucket, growth, await writePlan(bucket, growth, await makePlan(bucket, growth)))
    } catch (error) {
      if (!isInvalidPart(error) || tries === triesAtMost) throw error
    }
  }
}

/** Goes on with what a seal that died had begun, where there is such. */
export async function resumeRebuild(bucket: Bucket, growth: S3Growth): Promise<void> {
  const plan = await readPlan(bucket, growth)
  if (plan) await carryOut(bucket, growth, plan)
}

async function makePlan(bucket: Bucket, growth: S3Growth): Promise<Plan> {
  const named = new Map(growth.parts)
  const parts: Plan['parts'] = []
  for await (const { PartNumber: number = 0, ETag: etag = '', Size: bytes = 0 } of partsOf(bucket, growth))
    parts.push({ number, etag, bytes, counts: named.get(number) === etag })
  const counting = parts.filter(({ counts }) => counts)
  if (counting.length === named.size && counting.reduce((sum, { bytes }) => sum + bytes, 0) === growth.bytes)
    return { parts }
  throw new SluiceError('storage_unavailable', {
    message: `of ${named.size} parts of ${growth.key} the store holds ${counting.length}`,
  })
}

async function carryOut(bucket: Bucket, growth: S3Growth, begun: Plan): Promise<void> {
  const plan = begun.etag === undefined ? await makeOne(bucket, growth, begun) : begun
  const held = await bucket.client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: growth.key }))
  if (held.ETag !== plan.etag) return
  const { key, contentType, cacheControl } = growth
  await copyRanges({
    bucket,
    from: key,
    to: key,
    contentType,
    cacheControl,
    ranges: rangesOf(plan),
    ifMatch: plan.etag,
  })
}

/** Makes all parts one object, for as long as it takes to copy what counts. */
async function makeOne(bucket: Bucket, growth: S3Growth, plan: Plan): Promise<Plan> {
  try {
    await completeUpload(bucket, { ...growth, parts: plan.parts.map(({ number, etag }) => [number, etag]) })
  } catch (error) {
    if (!isAbsentUpload(error)) throw error
  }
  const { ETag } = await bucket.client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: growth.key }))
  return writePlan(bucket, growth, { ...plan, etag: ETag })
}

/** Where the bytes that count lie in the object that holds all; neighbours are one range. */
function rangesOf({ parts }: Plan): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = []
  let at = 0
  for (const { bytes, counts } of parts) {
    const last = ranges.at(-1)
    if (counts && last?.end === at - 1) last.end += bytes
    else if (counts) ranges.push({ start: at, end: at + bytes - 1 })
    at += bytes
  }
  return ranges
}

const planKey = (growth: S3Growth) => `${crumbFolder(growth)}plan`

async function writePlan(bucket: Bucket, growth: S3Growth, plan: Plan): Promise<Plan> {
  const { contentType: ContentType, cacheControl: CacheControl } = privateObject
  const Body = JSON.stringify(plan)
  await bucket.client.send(
    new PutObjectCommand({ Bucket: bucket.name, Key: planKey(growth), Body, ContentType, CacheControl }),
  )
  return plan
}

async function readPlan(bucket: Bucket, growth: S3Growth): Promise<Plan | undefined> {
  try {
    const { Body } = await bucket.client.send(new GetObjectCommand({ Bucket: bucket.name, Key: planKey(growth) }))
    return Body instanceof Readable ? planSchema.parse(JSON.parse(await text(Body))) : undefined
  } catch (error) {
    if (isAbsentKey(error)) return undefined
    throw error
  }
}
