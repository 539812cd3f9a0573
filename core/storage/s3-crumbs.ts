import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { SluiceError } from '../errors.ts'
import type { S3Growth } from './growing.ts'
import { privateObject, stagingBeside } from './keys.ts'
import type { Bucket } from './s3-client.ts'

type Crumb = S3Growth['crumbs'][number]

/** What is too small to be a part is a small object of its own until enough have gathered: S3 appends to nothing. */
export const crumbFolder = ({ key, id }: S3Growth) => `${stagingBeside(key)}${id}/`
export const crumbKey = (growth: S3Growth, name: string) => `${crumbFolder(growth)}${name}`
export const crumbBytes = ({ crumbs }: S3Growth) => crumbs.reduce((sum, crumb) => sum + crumb.bytes, 0)

/** So many are read for one part, and kept in the row. Appends of less than a 512th of a part are merged first, at the price of being read twice. */
const crumbsAtMost = 512
const readAtOnce = 8

export async function addCrumb(bucket: Bucket, growth: S3Growth, bytes: Buffer): Promise<S3Growth> {
  const added = { ...growth, crumbs: [...growth.crumbs, await putCrumb(bucket, growth, bytes)] }
  return added.crumbs.length > crumbsAtMost ? mergeSmallest(bucket, added) : added
}

async function putCrumb(bucket: Bucket, growth: S3Growth, bytes: Buffer): Promise<Crumb> {
  const name = randomBytes(16).toString('hex')
  const { contentType: ContentType, cacheControl: CacheControl } = privateObject
  const Key = crumbKey(growth, name)
  await bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key, Body: bytes, ContentType, CacheControl }))
  return { name, bytes: bytes.byteLength }
}

/** Makes one of the small ones at the end. What it grows to is large enough soon, so that no byte is merged often. */
async function mergeSmallest(bucket: Bucket, growth: S3Growth): Promise<S3Growth> {
  const small = growth.partBytes / 128
  const from = growth.crumbs.findLastIndex(({ bytes }) => bytes >= small) + 1
  const merged = growth.crumbs.slice(from)
  const bytes = Buffer.allocUnsafe(merged.reduce((sum, crumb) => sum + crumb.bytes, 0))
  await readCrumbs(bucket, growth, bytes, merged)
  const one = await putCrumb(bucket, growth, bytes)
  const spent = [...growth.spent, ...merged.map(({ name }) => name)]
  return { ...growth, crumbs: [...growth.crumbs.slice(0, from), one], spent }
}

/** Reads crumbs in their order into the beginning of a block. */
export async function readCrumbs(
  bucket: Bucket,
  growth: S3Growth,
  into: Buffer,
  crumbs = growth.crumbs,
): Promise<void> {
  let at = 0
  const places = crumbs.map(({ name, bytes }) => {
    at += bytes
    return { key: crumbKey(growth, name), place: into.subarray(at - bytes, at) }
  })
  const lane = async () => {
    for (let next = places.pop(); next; next = places.pop()) await readInto(bucket, next.key, next.place)
  }
  await Promise.all(Array.from({ length: readAtOnce }, lane))
}

async function readInto(bucket: Bucket, key: string, place: Buffer): Promise<void> {
  const { Body } = await bucket.client.send(new GetObjectCommand({ Bucket: bucket.name, Key: key }))
  let at = 0
  if (Body instanceof Readable)
    for await (const chunk of Body) {
      place.set(chunk.subarray(0, Math.max(place.byteLength - at, 0)), Math.min(at, place.byteLength))
      at += chunk.byteLength
    }
  if (at !== place.byteLength)
    throw new SluiceError('storage_unavailable', { message: `${key} holds ${at} bytes of ${place.byteLength}` })
}
