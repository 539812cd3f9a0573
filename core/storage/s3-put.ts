import { Readable } from 'node:stream'
import { DeleteObjectCommand, HeadObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { SluiceError } from '../errors.ts'
import { meterBody } from './meter.ts'
import type { Bucket } from './s3-client.ts'
import { isAbsentKey, storeError } from './s3-errors.ts'
import type { PutOptions, PutResult } from './storage.ts'

/** All parts but the last are equal, as some stores demand; 10,000 of them hold 78 GiB. Two at a time bound the memory. */
const partBytes = 8 * 1024 * 1024
const partsAtOnce = 2

/** Streams a body into the bucket, then asks the store what it holds. */
export async function putObject(options: {
  bucket: Bucket
  key: string
  body: Readable | Buffer
  options: PutOptions
}): Promise<PutResult> {
  const { bucket, key, body } = options
  const { maxBytes, signal } = options.options
  const meter = meterBody({ body, maxBytes, signal, md5Below: partBytes })
  try {
    const sentTag = await send({ ...options, chunks: meter.chunks })
    const { bytes, sha256, md5 } = meter.seen()
    const etag = await verify({ bucket, key, bytes, md5, etag: sentTag })
    return { key, bytes, sha256, etag }
  } catch (error) {
    const failure = meter.failure()
    if (failure) throw failure.reason
    signal?.throwIfAborted()
    // Nothing there right after a put: the store lost it, or somebody deleted it. Either way it is not the caller's 404.
    if (isAbsentKey(error)) throw new SluiceError('storage_unavailable', { message: `${key} is gone after its put` })
    throw storeError(error, key)
  } finally {
    if (!Buffer.isBuffer(body)) body.destroy()
  }
}

/** Up to one part goes as one request, more as a multipart upload, which is taken back before an error comes out of here. */
async function send(options: {
  bucket: Bucket
  key: string
  chunks: AsyncGenerator<Buffer>
  options: PutOptions
}): Promise<string | undefined> {
  const { bucket, key, chunks } = options
  const { contentType, cacheControl } = options.options
  const upload = new Upload({
    client: bucket.client,
    params: {
      Bucket: bucket.name,
      Key: key,
      Body: Readable.from(chunks, { objectMode: false }),
      ContentType: contentType,
      CacheControl: cacheControl,
    },
    partSize: partBytes,
    queueSize: partsAtOnce,
    leavePartsOnError: false,
  })
  // Aborting goes through the body: then the upload takes its parts back before it fails, which its own abort leaves for later.
  const { ETag } = await upload.done()
  return ETag === '' ? undefined : ETag
}

/**
 * What the store holds must be what was sent. Another writer may have replaced it since: then that one verifies its own.
 * Ceph gives no tag when it completes a multipart upload: then the size alone speaks, and the tag is the one held.
 */
async function verify(sent: {
  bucket: Bucket
  key: string
  bytes: number
  md5: string | undefined
  etag: string | undefined
}): Promise<string> {
  const { bucket, key, bytes, md5, etag } = sent
  const held = await bucket.client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: key }))
  if (held.ETag === undefined) throw new SluiceError('storage_unavailable', { message: `HEAD of ${key} gives no tag` })
  const wrongMd5 = isPlainMd5(held) && md5 !== undefined && held.ETag !== `"${md5}"`
  const asSent = held.ContentLength === bytes && !wrongMd5
  // Whoever replaced it verifies its own; but a tag that was never that of these bytes proves no other writer.
  if (etag !== undefined && held.ETag !== etag && !(asSent && md5 !== undefined && isPlainMd5(held))) return etag
  if (asSent) return held.ETag
  if (etag !== undefined) await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key: key }))
  throw new SluiceError('storage_unavailable', {
    message: `the store holds ${held.ContentLength} bytes with tag ${held.ETag} at ${key}; ${bytes} bytes were sent, md5 ${md5}`,
  })
}

// With KMS or customer keys the tag looks like an MD5 and is none.
const isPlainMd5 = (held: HeadObjectCommandOutput) =>
  /^"[0-9a-f]{32}"$/.test(held.ETag ?? '') &&
  held.SSECustomerAlgorithm === undefined &&
  !held.ServerSideEncryption?.startsWith('aws:kms')
