import type { FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { databaseAway, isDatabaseAway } from '../core/db/away.ts'
import { errorCodes } from '../core/error-codes.ts'
import { asSluiceError, SluiceError } from '../core/errors.ts'
import { invalid } from './parse.ts'

/** What Fastify and its plugins refuse by themselves, in our words. */
const foreign: Record<string, ConstructorParameters<typeof SluiceError>[0]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'too_large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'unsupported_media_type',
  FST_REQ_FILE_TOO_LARGE: 'too_large',
  FST_PARTS_LIMIT: 'invalid_request',
  FST_FILES_LIMIT: 'invalid_request',
  FST_FIELDS_LIMIT: 'invalid_request',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_ASYNC_CONSTRAINT: 'malformed_request',
  FST_PROTO_VIOLATION: 'invalid_request',
}

/** What Postgres says of NUL and of half surrogate pairs; the last net, for texts that no schema looked at. */
const unkeepable = new Set(['22021', '22P05'])

/** Whatever was thrown, as the error that the caller is told. */
function toSluiceError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown
  if (hasZodFastifySchemaValidationErrors(thrown)) return fromValidation(thrown)
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const code = 'code' in error ? String(error.code) : ''
  const known = foreign[code]
  if (known !== undefined)
    return new SluiceError(known, { message: error.message, publicMessage: error.message, cause: error })
  if (error instanceof SyntaxError && 'statusCode' in error && error.statusCode === 400)
    return new SluiceError('malformed_request', { message: error.message, cause: error })
  const broken = brokenForm(error)
  if (broken !== undefined) return broken
  if (isDatabaseAway(error)) return databaseAway(error)
  if (unkeepable.has(code)) return invalid([{ path: 'request', message: 'holds a text that cannot be kept' }])
  return asSluiceError(error)
}

/** The parser of forms throws plain errors; these are its words for a form that was badly made, and for one that broke off. */
function brokenForm(error: Error): SluiceError | undefined {
  if (/^(Multipart: Boundary not found|The needle cannot|Malformed (part header|content type))/i.test(error.message))
    return new SluiceError('malformed_request', { message: error.message, publicMessage: error.message, cause: error })
  if (/^Unexpected end of (multipart data|form|file)/i.test(error.message))
    return new SluiceError('upload_interrupted', { message: error.message, cause: error })
  return undefined
}

function fromValidation(thrown: {
  validation: { instancePath: string; message?: string | undefined }[]
  validationContext?: string | undefined
}) {
  const errors = thrown.validation.map((issue) => ({
    path: issue.instancePath.replace(/^\//, '').replaceAll('/', '.') || (thrown.validationContext ?? 'body'),
    message: issue.message ?? 'is not valid',
  }))
  return invalid(errors)
}

/** Of what does not answer for now, or is full. */
const usualRestMs = 5_000
const restful = new Set([503, 507])

/** Answers by RFC 9457. Internals stay in the log, under the same request id. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toSluiceError(thrown)
  logProblem(error, request)
  if (error.status === 401 && !reply.hasHeader('www-authenticate'))
    reply.header('www-authenticate', 'Bearer realm="sluice"')
  reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  const retryAfterMs = error.retryAfterMs ?? (restful.has(error.status) ? usualRestMs : undefined)
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1_000))
  return reply.status(error.status).type('application/problem+json').send(problemOf(error, request.id))
}

/** The same for one of several things that a request asked for. */
export function problemFor(thrown: unknown, request: FastifyRequest): Problem {
  const error = toSluiceError(thrown)
  logProblem(error, request)
  return problemOf(error, request.id)
}

function logProblem(error: SluiceError, request: FastifyRequest): void {
  if (error.status >= 500) request.log.error({ err: error, code: error.code }, 'request failed')
  else request.log.info({ code: error.code, reason: error.message }, 'request refused')
}

export type Problem = ReturnType<typeof problemOf>

export function problemOf(error: SluiceError, requestId: string) {
  return {
    type: `urn:sluice:error:${error.code}`,
    title: errorCodes[error.code].title,
    status: error.status,
    code: error.code,
    detail: error.publicMessage,
    requestId,
    ...(error.errors ? { errors: error.errors } : {}),
    ...error.members,
  }
}
