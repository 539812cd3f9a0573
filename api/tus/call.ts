import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Upload } from '../../core/db/uploads.ts'
import type { Caller } from '../auth/caller.ts'
import type { ApiHouse } from '../house.ts'
import type { Digests } from './digests.ts'
import type { TusMethod } from './method.ts'

export const tusPath = '/v1/tus'

/** What all requests of this process share. `closing` aborts when the process is asked to end. */
export type TusHouse = ApiHouse & { digests: Digests; closing: AbortSignal }

/** One request, from the moment in which we know who calls and what about. */
export type TusCall = {
  house: TusHouse
  request: FastifyRequest
  reply: FastifyReply
  method: TusMethod
  caller: Caller
  /** Of the upload that the address names, or that this request makes. */
  id: string
  /** The one that the address names, as it was when the request came. */
  upload: Upload | undefined
  /** Aborted with the reason why this request must take no more bytes; what came until then counts. */
  stop: AbortController
  /** Aborts when the caller hangs up. */
  gone: AbortSignal
}

/** A header as one text, also where it came twice. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

/** Whether a request brings bytes for its upload. */
export const bringsBytes = ({ request, method }: Pick<TusCall, 'request' | 'method'>): boolean =>
  method === 'PATCH' || (method === 'POST' && request.headers['content-type'] === bytesType)

export const bytesType = 'application/offset+octet-stream'
