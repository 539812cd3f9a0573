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
import { deleteObjects } from './s3-list.ts'
import { completeUpload, partsOf } from './s3-multipart.ts'

/** Every part that the store holds, in order, and which of them count. */
const planSchema = z.array(z.strictObject({ number: z.int(), etag: z.string(), bytes: z.int(), counts: z.boolean() }))
type Plan = z.infer<typeof planSchema>
const bytesOf = (parts: Plan) => parts.reduce((sum, { bytes }) => sum + bytes, 0)

// A lost writer may add parts while they are listed; it cannot add more than its numbers allow.
const triesAtMost = 40

/**
 * Some stores complete an upload only when every part that they hold is named, also those of lost writers, which count for nothing.
 * There all parts are made one object, from which what counts is copied, within the store. Where all lies is written down first,
 * so that a seal that died can be gone on with: an object as large as all parts is the one to be copied from.
 */
export async function rebuild(bucket: Bucket, growth: S3Growth): Promise<void> {
  for (let tries = 1; ; tries++) {
    const plan = await makePlan(bucket, growth)
    await writePlan(bucket, growth, plan)
    try {
      return await carryOut(bucket, growth, plan)
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

/** Takes back the object that a seal which died left at the key, where it still holds more than what counts. */
export async function dropHalfBuilt(bucket: Bucket, growth: S3Growth): Promise<void> {
  const plan = await readPlan(bucket, growth)
  if (plan && (await heldWhole(bucket, growth, plan))) await deleteObjects(bucket, [growth.key])
}

async function makePlan(bucket: Bucket, growth: S3Growth): Promise<Plan> {
  const named = new Map(growth.parts)
  const parts: Plan = []
  for await (const { PartNumber: number = 0, ETag: etag = '', Size: bytes = 0 } of partsOf(bucket, growth))
    parts.push({ number, etag, bytes, counts: named.get(number) === etag })
  const counting = parts.filter(({ counts }) => counts)
  const allThere = counting.length === named.size && bytesOf(counting) === growth.bytes
  if (allThere && counting.length < parts.length) return parts
  throw new SluiceError('storage_unavailable', {
    message: `of ${named.size} parts of ${growth.key} the store holds ${counting.length}, and ${parts.length} in all`,
  })
}

async function carryOut(bucket: Bucket, growth: S3Growth, plan: Plan): Promise<void> {
  const { key, contentType, cacheControl } = growth
  try {
    await completeUpload(bucket, { ...growth, parts: plan.map(({ number, etag }) => [number, etag]) })
  } catch (error) {
    if (!isAbsentUpload(error)) throw error
  }
  const whole = await heldWhole(bucket, growth, plan)
  if (whole)
    await copyRanges({ bucket, from: key, to: key, contentType, cacheControl, ranges: rangesOf(plan), ...whole })
}

/** The object of all parts, while it lies at the key. What counts is always less. */
async function heldWhole(bucket: Bucket, { key }: S3Growth, plan: Plan): Promise<{ ifMatch: string } | undefined> {
  try {
    const { ETag, ContentLength } = await bucket.client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: key }))
    return ETag !== undefined && ContentLength === bytesOf(plan) ? { ifMatch: ETag } : undefined
  } catch (error) {
    if (isAbsentKey(error)) return undefined
    throw error
  }
}

/** Where the bytes that count lie in the object of all parts; neighbours are one range. */
function rangesOf(plan: Plan): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = []
  let at = 0
  for (const { bytes, counts } of plan) {
    const last = ranges.at(-1)
    if (counts && last?.end === at - 1) last.end += bytes
    else if (counts) ranges.push({ start: at, end: at + bytes - 1 })
    at += bytes
  }
  return ranges
}

const planKey = (growth: S3Growth) => `${crumbFolder(growth)}plan`

async function writePlan(bucket: Bucket, growth: S3Growth, plan: Plan): Promise<void> {
  const { contentType: ContentType, cacheControl: CacheControl } = privateObject
  const place = { Bucket: bucket.name, Key: planKey(growth), ContentType, CacheControl }
  await bucket.client.send(new PutObjectCommand({ ...place, Body: JSON.stringify(plan) }))
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
