import type { FastifyRequest } from 'fastify'
import type { Cause } from '../../core/accept.ts'
import type { JsonObject } from '../../core/db/schema.ts'

/** What an upload token allows to the browser that holds it. */
export type TokenTerms = {
  id: string
  maxBytes: number
  /** Types, as in `video/*`; undefined for all. */
  accept: string[] | undefined
  profile: string | undefined
  metadata: JsonObject
  /** The asset that it was used for; another cannot be made with it. */
  assetId: string | undefined
}

/** On whose behalf a request acts, and what it may do. */
export type Caller = {
  tenant: string
  scopes: readonly string[]
  /** Whose calls are counted together. Undefined where nobody counts. */
  subject: string | undefined
  keyId?: string
  /** The request itself, for what comes of it. */
  cause?: Cause
  uploadToken?: TokenTerms
}

/** The text of an `Authorization: Bearer` header. Longer than any honest one is read no further. */
export function bearerOf(request: FastifyRequest): string | undefined {
  const [, bearer] = /^Bearer +(\S{1,8192})$/i.exec(request.headers.authorization ?? '') ?? []
  return bearer
}
