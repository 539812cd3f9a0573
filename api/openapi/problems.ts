import { z } from 'zod'
import { type ErrorCode, errorCodes } from '../../core/error-codes.ts'
import type { AnswerHeader } from './headers.ts'
import type { Operation, Tag } from './operation.ts'

/** RFC 9457, with a stable code. Some codes add members of their own. */
export const problemShape = z.looseObject({
  type: z.string().describe('`urn:sluice:error:CODE`'),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('Stable; docs/errors.md says what each means and what helps'),
  detail: z.string(),
  requestId: z.string(),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .describe('Each wrong field'),
  missing: z
    .array(z.tuple([z.int(), z.int()]))
    .optional()
    .describe('With `upload_incomplete`: the chunks that have not come, as ranges with both ends'),
  assetId: z.uuid().optional().describe('With `conflict`: the asset that is there already'),
})

export const exampleProblem = (code: ErrorCode) => ({
  type: `urn:sluice:error:${code}`,
  title: errorCodes[code].title,
  status: errorCodes[code].status,
  code,
  detail: errorCodes[code].title,
  requestId: '01981f6e-3c00-7000-8000-0000000000ff',
  ...(code === 'invalid_request'
    ? { errors: [{ path: 'limit', message: 'Too big: expected number to be <=100' }] }
    : {}),
  ...(code === 'upload_incomplete' ? { missing: [[1, 4]] } : {}),
})

type Refusal = ErrorCode | readonly [ErrorCode, number]

/** What any request may be told, whatever it asks for. */
const always: Refusal[] = ['malformed_request', 'unsupported_media_type', 'internal']
const withDatabase: Refusal[] = ['unavailable']
const guarded: Refusal[] = ['unauthorized', 'forbidden', 'rate_limited', ...withDatabase]
const withBody: Refusal[] = ['invalid_request', 'too_large']
const withKey: Refusal[] = ['invalid_request', 'idempotency_key_reused', 'idempotency_in_progress']

/** All that a call may refuse, by status. */
export function refusalsOf(operation: Operation): Map<number, ErrorCode[]> {
  const { access, body, errors, query, path, method } = operation
  const all: Refusal[] = [
    ...always,
    ...(access === 'anybody' ? [] : access === 'address' ? withDatabase : guarded),
    ...(body === undefined ? [] : withBody),
    ...(keepsAnswers(operation) ? withKey : []),
    ...(query === undefined || path.startsWith('/media/') ? [] : (['invalid_request'] as const)),
    ...(path.includes('{') && method !== 'options' ? (['not_found'] as const) : []),
    ...errors,
  ]
  const pairs = all.map((one) => (typeof one === 'string' ? ([errorCodes[one].status, one] as const) : flip(one)))
  const sorted = [...new Map(pairs.map((pair) => [pair.join(), pair])).values()].sort(([a], [b]) => a - b)
  return new Map(
    [...Map.groupBy(sorted, ([status]) => status)].map(([status, ones]) => [status, ones.map(([, code]) => code)]),
  )
}

const flip = ([code, status]: readonly [ErrorCode, number]) => [status, code] as const

/** Every POST below /v1 does, but for those that say otherwise. */
export const keepsAnswers = ({ method, path, idempotency }: Operation): boolean =>
  method === 'post' && path.startsWith('/v1/') && idempotency !== false

const headersOf: Record<number, AnswerHeader[]> = {
  401: ['WWW-Authenticate'],
  405: ['Allow'],
  429: ['Retry-After'],
  503: ['Retry-After'],
  507: ['Retry-After'],
}
/** What two parts of the API say besides. */
const headersByTag: { [tag in Tag]?: Record<number | 'all', AnswerHeader[]> } = {
  tus: { all: ['Tus-Resumable'], 409: ['Asset-Id'], 412: ['Tus-Version'] },
  media: { all: [], 416: ['Content-Range', 'Last-Modified', 'Accept-Ranges'] },
}

export const headersOfProblem = (status: number, tag: Tag): AnswerHeader[] => [
  'X-Request-Id',
  ...(headersOf[status] ?? []),
  ...(headersByTag[tag]?.all ?? []),
  ...(headersByTag[tag]?.[status] ?? []),
]
/** Whether what a part of the API says of a refusal is its own. */
export const isOwnRefusal = (tag: Tag) => headersByTag[tag] !== undefined
