import { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { SluiceError } from '../errors.ts'
import { checkStorage } from './check.ts'
import { untyped } from './content-types.ts'
import { joinObjects } from './join.ts'
import { checkKey, encodeKey, folderOf, isSourceKey } from './keys.ts'
import { mappedStream } from './mapped-stream.ts'
import { type Bucket, openBucket, type S3Settings } from './s3-client.ts'
import { copyObject } from './s3-copy.ts'
import { inOurWords, isAbsentKey, storeError } from './s3-errors.ts'
import { growOnS3 } from './s3-growing.ts'
import { deleteFolder, deleteObjects, listObjects } from './s3-list.ts'
import { abortStaleUploads } from './s3-multipart.ts'
import { asFound } from './s3-open.ts'
import { s3Parts } from './s3-parts.ts'
import { putObject } from './s3-put.ts'
import type { ByteRange, Storage, StoredObject } from './storage.ts'

export type { S3Settings }
export type S3Storage = Storage & { readonly driver: 's3' }

/** Media in an S3 bucket, AWS's or any other's. */
export function openS3Storage(settings: S3Settings): S3Storage {
  const bucket = openBucket(settings)
  const base = publicBase(settings)
  const storage: S3Storage = {
    driver: 's3',
    put: async (key, body, options) => putObject({ bucket, key: checkKey(key), body, options }),
    get: async (key, options = {}) => getObject({ bucket, key: checkKey(key), ...options }),
    head: async (key) => headObject(bucket, checkKey(key)),
    async open(key) {
      const found = await headObject(bucket, checkKey(key))
      return found && asFound(found, (options) => getObject({ bucket, key, ...options }))
    },
    pathOf: () => undefined,
    async copy(from, to, options) {
      const source = await headObject(bucket, checkKey(from))
      if (!source) throw new SluiceError('not_found', { message: `no object at ${from}` })
      await inOurWords(to, copyObject({ bucket, from, to: checkKey(to), bytes: source.bytes, ...options }))
      return source.bytes
    },
    join: (keys, to, options) => joinObjects(storage, keys, to, options),
    growing: growOnS3(bucket),
    parts: s3Parts(bucket, () => storage),
    list: (prefix) => listObjects(bucket, folderOf(prefix)),
    delete: async (keys) => deleteObjects(bucket, keys.map(checkKey)),
    deletePrefix: async (prefix) => deleteFolder(bucket, folderOf(prefix)),
    sweep: ({ olderThanMs, spare }) =>
      inOurWords('open uploads', abortStaleUploads(bucket, { before: Date.now() - olderThanMs, spare })),
    signedUrl: async (key, { expiresInSeconds }) => signGet({ bucket, key: checkKey(key), expiresInSeconds }),
    publicUrl: (key) => `${base}/${encodeKey(checkKey(key))}`,
    settle: () => Promise.resolve(),
    needRoom: () => Promise.resolve(),
    check: () => checkStorage(storage),
    async close() {
      bucket.client.destroy()
    },
  }
  return storage
}

async function getObject(options: {
  bucket: Bucket
  key: string
  range?: ByteRange
  signal?: AbortSignal
  ifMatch?: string
}): Promise<Readable> {
  const { bucket, key, range, signal, ifMatch } = options
  signal?.throwIfAborted()
  const input = {
    Bucket: bucket.name,
    Key: key,
    ...(range ? { Range: `bytes=${range.start}-${range.end}` } : {}),
    ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
  }
  try {
    const { Body } = await bucket.client.send(new GetObjectCommand(input), signal ? { abortSignal: signal } : {})
    if (!(Body instanceof Readable)) throw new SluiceError('storage_unavailable', { message: `no body for ${key}` })
    return mappedStream({ source: Body, signal, mapError: (error) => storeError(error, key) })
  } catch (error) {
    signal?.throwIfAborted()
    throw storeError(error, key)
  }
}

async function headObject(bucket: Bucket, key: string): Promise<StoredObject | undefined> {
  try {
    const held = await bucket.client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: key }))
    const { ContentLength, ETag, ContentType, LastModified } = held
    if (ContentLength === undefined || ETag === undefined || LastModified === undefined)
      throw new SluiceError('storage_unavailable', { message: `HEAD of ${key} lacks size, tag or time` })
    const contentType = ContentType ?? 'application/octet-stream'
    return { key, bytes: ContentLength, etag: ETag, contentType, modifiedAt: LastModified }
  } catch (error) {
    if (isAbsentKey(error)) return undefined
    throw storeError(error, key)
  }
}

// Signature V4 allows a week.
const longestSignature = 7 * 24 * 3600

async function signGet(options: { bucket: Bucket; key: string; expiresInSeconds: number }): Promise<string> {
  const { bucket, key, expiresInSeconds } = options
  if (expiresInSeconds > longestSignature)
    throw new SluiceError('invalid_request', { message: `S3 signs for a week at most, not ${expiresInSeconds} s` })
  const asSource = { ResponseContentDisposition: 'attachment', ResponseContentType: untyped }
  const command = new GetObjectCommand({ Bucket: bucket.name, Key: key, ...(isSourceKey(key) ? asSource : {}) })
  return inOurWords(key, getSignedUrl(bucket.client, command, { expiresIn: expiresInSeconds }))
}

function publicBase(settings: S3Settings): string {
  const { publicUrl, bucket, region, forcePathStyle } = settings
  if (publicUrl) return publicUrl.replace(/\/+$/, '')
  const endpoint = new URL(settings.endpoint ?? `https://s3.${region}.amazonaws.com`)
  if (forcePathStyle) endpoint.pathname = `${endpoint.pathname.replace(/\/+$/, '')}/${encodeURIComponent(bucket)}`
  else endpoint.hostname = `${bucket}.${endpoint.hostname}`
  return endpoint.href.replace(/\/+$/, '')
}
