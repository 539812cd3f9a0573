import { AbortMultipartUploadCommand, CreateMultipartUploadCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { SluiceError } from '../errors.ts'
import { checkKey } from './keys.ts'
import type { OpenParts, PartStore, StoredPart } from './parts.ts'
import type { Bucket } from './s3-client.ts'
import { isAbsentUpload, nameOf, storeError, wrongParts } from './s3-errors.ts'
import { completeUpload, partsOf } from './s3-multipart.ts'
import { refusesUnsignedCopies } from './s3-trusted.ts'
import type { Storage } from './storage.ts'

/** Multipart uploads whose parts come from clients. */
export function s3Parts(bucket: Bucket, storage: () => Pick<Storage, 'put' | 'delete'>): PartStore {
  const { client, name: Bucket } = bucket
  let trusted: Promise<boolean> | undefined
  const upload = ({ key, uploadId }: OpenParts) => ({ Bucket, Key: checkKey(key), UploadId: uploadId })
  const parts: PartStore = {
    async trusted() {
      trusted ??= refusesUnsignedCopies(storage(), parts, Bucket)
      try {
        return await trusted
      } catch (error) {
        trusted = undefined
        throw error
      }
    },
    async begin(key, { contentType, cacheControl }) {
      const input = { Bucket, Key: checkKey(key), ContentType: contentType, CacheControl: cacheControl }
      const { UploadId } = await inOurWords(key, client.send(new CreateMultipartUploadCommand(input)))
      if (!UploadId) throw new SluiceError('storage_unavailable', { message: `no upload id for ${key}` })
      return { key, uploadId: UploadId }
    },
    address: (open, part) => inOurWords(open.key, signPart(bucket, open, part)),
    list: (open) => unlessOver(open.key, listParts(bucket, open)),
    async join(open, parts) {
      const named: [number, string][] = parts.map(({ partNumber, etag }) => [partNumber, etag])
      await unlessOver(open.key, completeUpload(bucket, { ...open, key: checkKey(open.key), parts: named }))
    },
    async abort(open) {
      await unlessOver(open.key, client.send(new AbortMultipartUploadCommand(upload(open))))
    },
  }
  return parts
}

/** Signs the length with the address wherever it is known, so that the store takes no more and no less. */
async function signPart(
  { client, name: Bucket }: Bucket,
  { key, uploadId }: OpenParts,
  { partNumber, bytes, expiresInSeconds }: Parameters<PartStore['address']>[1],
): Promise<string> {
  const command = new UploadPartCommand({
    ...{ Bucket, Key: checkKey(key), UploadId: uploadId, PartNumber: partNumber },
    ...(bytes === undefined ? {} : { ContentLength: bytes }),
  })
  return getSignedUrl(client, command, { expiresIn: expiresInSeconds })
}

async function listParts(bucket: Bucket, { key, uploadId }: OpenParts): Promise<StoredPart[]> {
  const parts: StoredPart[] = []
  for await (const { PartNumber, ETag, Size } of partsOf(bucket, { key: checkKey(key), uploadId })) {
    if (PartNumber === undefined || ETag === undefined || Size === undefined)
      throw new SluiceError('storage_unavailable', { message: `the parts of ${key} lack facts` })
    parts.push({ partNumber: PartNumber, etag: ETag, bytes: Size })
  }
  return parts
}

const unlessOver = <T>(key: string, call: Promise<T>): Promise<T | undefined> =>
  inOurWords(
    key,
    call.catch((error: unknown) => {
      if (!isAbsentUpload(error)) throw error
      return undefined
    }),
  )

const inOurWords = <T>(key: string, call: Promise<T>): Promise<T> =>
  call.catch((error: unknown) => {
    const wrong = wrongParts[nameOf(error)]
    if (wrong === undefined) throw storeError(error, key)
    const message = `parts: ${wrong}`
    const errors = [{ path: 'parts', message: wrong }]
    throw new SluiceError('invalid_request', { message, publicMessage: message, errors, cause: error })
  })
