import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  type ListPartsCommandOutput,
  type MultipartUpload,
  type Part,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { SluiceError } from '../errors.ts'
import { faultPoint } from '../fault-point.ts'
import type { S3Growth } from './growing.ts'
import type { Bucket } from './s3-client.ts'
import { isAbsentUpload, isHangUp, isWrongPart } from './s3-errors.ts'

/** S3 numbers parts up to here. */
const lastPart = 10_000

/** Uploads one part of what grows, under its next number; the multipart upload begins with the first. */
export async function uploadPart(bucket: Bucket, growth: S3Growth, bytes: Buffer): Promise<S3Growth> {
  const { key, nextPart } = growth
  if (nextPart > lastPart)
    throw new SluiceError('too_large', {
      message: `${key} has used up its ${lastPart} parts of ${growth.partBytes} bytes`,
    })
  const uploadId = growth.uploadId ?? (await startUpload(bucket, growth))
  const ETag = await sendPart(bucket, { key, uploadId }, { PartNumber: nextPart, Body: bytes })
  if (!ETag) throw new SluiceError('storage_unavailable', { message: `no tag for part ${nextPart} of ${key}` })
  return { ...growth, uploadId, parts: [...growth.parts, [nextPart, ETag]], nextPart: nextPart + 1 }
}

async function startUpload(bucket: Bucket, { key, contentType, cacheControl }: S3Growth): Promise<string> {
  const target = { Bucket: bucket.name, Key: key, ContentType: contentType, CacheControl: cacheControl }
  const { UploadId } = await bucket.client.send(new CreateMultipartUploadCommand(target))
  if (!UploadId) throw new SluiceError('storage_unavailable', { message: `no upload id for ${key}` })
  faultPoint('multipart-begun')
  return UploadId
}

type Open = Pick<S3Growth, 'key' | 'uploadId'>

async function sendPart(bucket: Bucket, open: Open, part: { PartNumber: number; Body: Buffer }) {
  const upload = { Bucket: bucket.name, Key: open.key, UploadId: open.uploadId }
  try {
    return (await bucket.client.send(new UploadPartCommand({ ...upload, ...part }))).ETag
  } catch (error) {
    // Who refuses a part may hang up on what is still coming, and then why it did is lost on the way.
    if (isHangUp(error)) await refuseOver(bucket, open)
    throw error
  }
}

/** Makes the parts that are named one object. Of an upload that is over it throws what `isAbsentUpload` knows. */
export async function completeUpload(bucket: Bucket, open: Open & Pick<S3Growth, 'parts'>): Promise<void> {
  const Parts = open.parts.map(([PartNumber, ETag]) => ({ PartNumber, ETag }))
  const upload = { Bucket: bucket.name, Key: open.key, UploadId: open.uploadId, MultipartUpload: { Parts } }
  try {
    await bucket.client.send(new CompleteMultipartUploadCommand(upload))
    faultPoint('multipart-complete')
  } catch (error) {
    // Ceph says of an upload that is over that it is being completed.
    if (!isWrongPart(error)) await refuseOver(bucket, open)
    throw error
  }
}

/** Throws what `isAbsentUpload` knows, if the upload is over: whoever asks for its parts is told. */
async function refuseOver(bucket: Bucket, open: Open): Promise<void> {
  for await (const _ of partsOf(bucket, open)) break
}

/** Takes back every open upload at exactly this key: the growth's own, and those of writers that were lost before they could say so. */
export async function abortUploadsAt(bucket: Bucket, key: string): Promise<void> {
  for await (const upload of openUploads(bucket, key)) if (upload.Key === key) await abortUpload(bucket, upload)
}

/** Takes back multipart uploads that nobody will complete, since their process died. */
export async function abortStaleUploads(
  bucket: Bucket,
  { before, spare }: { before: number; spare?: ((key: string) => boolean | Promise<boolean>) | undefined },
): Promise<number> {
  let aborted = 0
  for await (const upload of openUploads(bucket)) {
    if (upload.Initiated === undefined || upload.Initiated.getTime() >= before) continue
    if (await spare?.(upload.Key ?? '')) continue
    await abortUpload(bucket, upload)
    aborted++
  }
  return aborted
}

/** Somebody else may have completed it or taken it back meanwhile. */
async function abortUpload(bucket: Bucket, { Key, UploadId }: MultipartUpload): Promise<void> {
  try {
    await bucket.client.send(new AbortMultipartUploadCommand({ Bucket: bucket.name, Key, UploadId }))
  } catch (error) {
    if (!isAbsentUpload(error)) throw error
  }
}

async function* openUploads(bucket: Bucket, prefix?: string): AsyncGenerator<MultipartUpload> {
  let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {}
  for (;;) {
    const page: ListMultipartUploadsCommandOutput = await bucket.client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket.name, Prefix: prefix, ...marker }),
    )
    yield* page.Uploads ?? []
    if (!page.IsTruncated) return
    marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
  }
}

/** The parts that the store holds. Ceph names a next page also on the last one, so its own word for the end is taken. */
export async function* partsOf(bucket: Bucket, { key, uploadId }: Open): AsyncGenerator<Part> {
  let marker: string | undefined
  for (;;) {
    const page: ListPartsCommandOutput = await bucket.client.send(
      new ListPartsCommand({ Bucket: bucket.name, Key: key, UploadId: uploadId, PartNumberMarker: marker }),
    )
    yield* page.Parts ?? []
    if (!page.IsTruncated) return
    marker = page.NextPartNumberMarker
  }
}
