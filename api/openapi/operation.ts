import type { z } from 'zod'
import type { ErrorCode } from '../../core/error-codes.ts'
import type { Scope } from '../../core/scopes.ts'
import type { AnswerHeader, RequestHeader } from './headers.ts'

export const tags = {
  assets: 'Media: bytes or an address in, playable media out.',
  uploads: 'Bytes in several requests, resumable: in chunks, or directly to storage.',
  tus: 'Bytes in several requests by the protocol tus 1.0.0, which every tus client speaks.',
  events: 'What happens, as it happens: Server-Sent Events.',
  webhooks: 'What happens, told to your backend, signed by the Standard Webhooks specification.',
  media: 'What was made, and what was sent in, as files.',
  operations: 'For whoever runs the house.',
  pages: 'For people with a browser.',
} as const
export type Tag = keyof typeof tags

/**
 * Who may call: anybody; a key or token of the host application with a scope; whoever may upload (that, or an upload token); whoever
 * has an address that is signed; operators (a key of scope `admin`, or the admin password).
 */
export type Access = 'anybody' | { scope: Scope } | 'uploader' | 'address' | 'operator' | 'watcher'

export type Schema = z.ZodType

/** A body that is sent, by its types. */
export type Body = {
  required?: boolean
  types: Record<string, { schema?: Schema; examples?: Record<string, unknown>; binary?: true; fileField?: true }>
}

export type Answer = {
  says: string
  headers?: readonly AnswerHeader[]
  /** JSON, by this schema. */
  schema?: Schema
  example?: unknown
  /** Anything but JSON. */
  type?: string
}

/** One call of the API, as its document describes it. */
export type Operation = {
  id: string
  method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options'
  /** As OpenAPI writes it: `/v1/assets/{id}`. */
  path: string
  tag: Tag
  summary: string
  description?: string
  access: Access
  /** Of what stands in the path and is no id. */
  pathParams?: Record<string, { schema: Schema; says: string; example: unknown }>
  query?: z.ZodObject
  send?: readonly RequestHeader[]
  body?: Body
  answers: Record<number, Answer>
  /** What this call refuses besides what every call does; with the status, where it is not that of the code. */
  errors: readonly (ErrorCode | readonly [ErrorCode, number])[]
  /** `false` for a POST that keeps no answers for `Idempotency-Key`. */
  idempotency?: false
}
