import type { Readable } from 'node:stream'
import { S3ServiceException } from '@aws-sdk/client-s3'
import { SluiceError } from '../errors.ts'
import type { OpenObject, ReadOptions, StoredObject } from './storage.ts'

type Get = (options: ReadOptions & { ifMatch: string }) => Promise<Readable>

/** A store holds nothing open: what is read later are the bytes of this tag, or none when another object took the key meanwhile. */
export function asFound(object: StoredObject, get: Get): OpenObject {
  return {
    ...object,
    close: () => Promise.resolve(),
    async read(options = {}) {
      try {
        return await get({ ...options, ifMatch: object.etag })
      } catch (error) {
        if (isReplaced(error)) return undefined
        throw error
      }
    },
  }
}

function isReplaced(error: unknown): boolean {
  if (!(error instanceof SluiceError)) return false
  const said = error.cause instanceof S3ServiceException ? error.cause.$metadata.httpStatusCode : undefined
  return error.code === 'not_found' || said === 412
}
