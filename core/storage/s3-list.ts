import { DeleteObjectsCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3'
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
const deleteAtOnce = 1000

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

/** Deletes all below a folder, as it lists them. */
export async function deleteFolder(bucket: Bucket, folder: string): Promise<number> {
  if (folder === '') throw new RangeError('refusing to delete everything: deletePrefix wants a prefix')
  let removed = 0
  let batch: string[] = []
  const flush = async () => {
    await deleteObjects(bucket, batch)
    removed += batch.length
    batch = []
  }
  for await (const { key } of listObjects(bucket, folder)) {
    batch.push(key)
    if (batch.length === deleteAtOnce) await flush()
  }
  await flush()
  return removed
}
