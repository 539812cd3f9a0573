import type { Entry } from './error-codes.ts'

/** Codes of callers who may not, or may not any more. */
export const accessCodes = {
  unauthorized: {
    status: 401,
    fate: 'give_up',
    title: 'A valid key is needed',
    remedy:
      'Send `Authorization: Bearer …` with a key made by `sluice keys create`, a token of the host application or an upload token that still holds.',
  },
  forbidden: {
    status: 403,
    fate: 'give_up',
    title: 'This is not allowed',
    remedy: 'Use a key that has the scope this call needs, from an origin that is allowed.',
  },
  rate_limited: {
    status: 429,
    fate: 'later',
    title: 'Too many calls',
    remedy: 'Wait for as long as `Retry-After` says; the operator sets RATE_LIMIT and RATE_LIMIT_WRONG_KEYS.',
  },
  too_many_streams: {
    status: 429,
    fate: 'later',
    title: 'Too many streams of events are open',
    remedy: 'Close some; one `GET /v1/events` tells of all assets.',
  },
  quota_exceeded: {
    status: 413,
    fate: 'give_up',
    title: 'The quota of this tenant is used up',
    remedy:
      'Delete assets or finish uploads; with status 429 (open uploads, assets per hour) wait for as long as `Retry-After` says. The operator sets QUOTA_STORED_BYTES, QUOTA_INFLIGHT_BYTES, QUOTA_OPEN_UPLOADS and QUOTA_ASSETS_PER_HOUR.',
  },
  upload_token_used: {
    status: 403,
    fate: 'give_up',
    title: 'This upload token has made its one upload',
    remedy: 'Ask your backend for another one, by `POST /v1/upload-tokens`.',
  },
  type_not_accepted: {
    status: 422,
    fate: 'give_up',
    title: 'A file of this type may not be sent here',
    remedy: 'Send one of the types that the upload token names in `accept`.',
  },
} as const satisfies Record<string, Entry>
