import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3'
import { SluiceError } from '../errors.ts'
import { contentTypeFor } from './content-types.ts'
import type { Bucket } from './s3-client.ts'
import { storeError } from './s3-errors.ts'
import type { StoredObject } from './storage.ts'

/** Objects under a folder, a page of a thousand at a time. A listing names no types: ours follow from the key. */
export async function* listObjects(bucket: Bucket, folder: string): AsyncGenerator<StoredObject> {
  try {
    for await (const page of paginateListObjectsV2(
      { client: bucket.client },
      { Bucket: bucket.name, Prefix: folder },
    )) {
      for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
        if (Key === undefined || Size === undefined || ETag === undefined || LastModified === undefined)
          throw new SluiceError('storage_unavailable', { message: `the listing of ${folder} lacks facts of ${Key}` })
        yield { key: Key, bytes: Size, etag: ETag, contentType: contentTypeFor(Key), modifiedAt: LastModified }
      }
    }
  } catch (error) {
    throw storeError(error, folder)
  }
}

/** One request deletes this many. */
export const deleteAtOnce = 1000

/** Deletes keys, and looks at what the store says of each: the answer as a whole is 200 even when some failed. */
export async function deleteObjects(bucket: Bucket, keys: string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += deleteAtOnce) {
    const Objects = keys.slice(at, at + deleteAtOnce).map((Key) => ({ Key }))
    const { Errors = [] } = await bucket.client
      .send(new DeleteObjectsCommand({ Bucket: bucket.name, Delete: { Objects, Quiet: true } }))
      .catch((error: unknown) => {
        throw storeError(error, keys[at] ?? '')
      })
    const failed = Errors.filter(({ Code }) => Code !== 'NoSuchKey')
    if (failed.length > 0)
      throw new SluiceError('storage_unavailable', {
        message: `${failed.length} of ${Objects.length} deletions failed, first ${failed[0]?.Key}: ${failed[0]?.Code} ${failed[0]?.Message}`,
      })
  }
}

/** Takes back multipart uploads that nobody will complete, since their process died. */
export async function abortStaleUploads(bucket: Bucket, before: number): Promise<number> {
  let aborted = 0
  let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {}
  for (;;) {
    const page: ListMultipartUploadsCommandOutput = await bucket.client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket.name, ...marker }),
    )
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Initiated === undefined || Initiated.getTime() >= before) continue
      await bucket.client.send(new AbortMultipartUploadCommand({ Bucket: bucket.name, Key, UploadId }))
      aborted++
    }
    if (!page.IsTruncated) return aborted
    marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
  }
}
