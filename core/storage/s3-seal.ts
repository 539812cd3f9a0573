import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { SluiceError } from '../errors.ts'
import type { S3Growth } from './growing.ts'
import type { Bucket } from './s3-client.ts'
import { crumbBytes, readCrumbs } from './s3-crumbs.ts'
import { isAbsentUpload, isInvalidPart } from './s3-errors.ts'
import { completeUpload, uploadPart } from './s3-multipart.ts'
import { putObject } from './s3-put.ts'
import { rebuild, resumeRebuild } from './s3-rebuild.ts'

/** Completes the multipart upload, with the rest as its last part; what never filled a part is put plainly. */
export async function sealOnS3(
  bucket: Bucket,
  growth: S3Growth,
): Promise<{ key: string; bytes: number; etag: string }> {
  const { key, bytes } = growth
  try {
    await makeWhole(bucket, growth)
  } catch (error) {
    // Gone means sealed already, or nearly so: by ourselves before a crash, or by another at the same moment.
    if (!isAbsentUpload(error)) throw error
    await resumeRebuild(bucket, growth)
  }
  const held = await bucket.client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: key }))
  if (held.ContentLength === bytes && held.ETag !== undefined) return { key, bytes, etag: held.ETag }
  throw new SluiceError('conflict', {
    message: `${key} holds ${held.ContentLength} bytes with tag ${held.ETag}, and ${bytes} were to be sealed`,
  })
}

async function makeWhole(bucket: Bucket, growth: S3Growth): Promise<void> {
  const { key, parts, contentType, cacheControl } = growth
  const rest = Buffer.allocUnsafe(crumbBytes(growth))
  await readCrumbs(bucket, growth, rest)
  if (parts.length === 0)
    return void (await putObject({ bucket, key, body: rest, options: { contentType, cacheControl } }))
  const named = rest.byteLength === 0 ? growth : await uploadPart(bucket, growth, rest)
  try {
    await completeUpload(bucket, named)
  } catch (error) {
    if (!isInvalidPart(error)) throw error
    await rebuild(bucket, named)
  }
}
