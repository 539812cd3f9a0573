import { S3ServiceException } from '@aws-sdk/client-s3'
import { SluiceError } from '../errors.ts'

const full = new Set(['QuotaExceeded', 'InsufficientCapacity', 'InsufficientStorage', 'XMinioStorageFull'])
const absent = new Set(['NoSuchKey', 'NotFound'])

const statusOf = (error: unknown) => (error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined)
export const nameOf = (error: unknown) => (error instanceof Error ? error.name : '')

/** True when the store says that the key holds nothing. A missing bucket is another matter. */
export const isAbsentKey = (error: unknown) => absent.has(nameOf(error))

/** True when the store says that this multipart upload is over: completed, or taken back. Ceph says so of its key. */
export const isAbsentUpload = (error: unknown) => nameOf(error) === 'NoSuchUpload' || isAbsentKey(error)

const hangUps = new Set<unknown>(['EPIPE', 'ECONNRESET'])

/** True when the connection was cut, by the store or on the way, before its answer was here as a whole. */
export const isHangUp = (error: unknown) => error instanceof Error && 'code' in error && hangUps.has(error.code)

/** True when the parts that were named are not those that the store holds. */
export const isInvalidPart = (error: unknown) => nameOf(error) === 'InvalidPart'

/** What a client did wrong with its parts, as the store says it. */
export const wrongParts: Record<string, string> = {
  EntityTooSmall: 'every part but the last wants 5 MiB or more',
  InvalidPart: 'a part is not there, or has another ETag',
  InvalidPartOrder: 'they want to be in order',
}

/** True when parts are refused for what they are: the upload itself is open. */
export const isWrongPart = (error: unknown) => Object.hasOwn(wrongParts, nameOf(error))

/** Puts what the store says into our words. Whatever is not understood counts as the store not answering: tried later, never lost. */
export function storeError(error: unknown, key: string): SluiceError {
  if (error instanceof SluiceError) return error
  const name = nameOf(error)
  const status = statusOf(error)
  const said = error instanceof Error ? `${name}: ${error.message}` : String(error)
  const options = {
    message: `S3 failed on ${key}${status === undefined ? '' : ` with ${status}`}: ${said}`,
    cause: error,
  }
  if (isAbsentKey(error)) return new SluiceError('not_found', options)
  if (name === 'InvalidRange' || status === 416) return new SluiceError('range_not_satisfiable', options)
  if (name === 'EntityTooLarge') return new SluiceError('too_large', options)
  if (full.has(name) || status === 507) return new SluiceError('no_space', options)
  return new SluiceError('storage_unavailable', options)
}

export const inOurWords = <T>(key: string, call: Promise<T>): Promise<T> =>
  call.catch((error: unknown) => {
    throw storeError(error, key)
  })
