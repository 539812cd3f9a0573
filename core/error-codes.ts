import { accessCodes } from './access-codes.ts'
import { workCodes } from './error-codes-of-work.ts'

/** What becomes of a task that fails with an error: tried again, given up, or tried later without burning an attempt. */
export type Fate = 'retry' | 'give_up' | 'later'

export type Entry = {
  status: number
  fate: Fate
  title: string
  remedy: string
  /** Only with the fate `later`: how long one waits in all before it is given up. Default: without end. */
  patienceMs?: number
  /** Only with the fate `retry`: how often it is tried at most, where that is less than its kind of task allows. */
  tries?: number
}

/** Every stable code, in one place: HTTP status, fate of a task, short title, what the reader can do. `docs/errors.md` is made from it. */
export const errorCodes = {
  // The caller's request
  invalid_request: {
    status: 400,
    fate: 'give_up',
    title: 'The request is not valid',
    remedy: 'Read `errors`: it names each field and what is wrong with it.',
  },
  malformed_request: {
    status: 400,
    fate: 'give_up',
    title: 'The request cannot be read',
    remedy: 'Send well-formed JSON or multipart/form-data with a matching Content-Type.',
  },
  unsupported_media_type: {
    status: 415,
    fate: 'give_up',
    title: 'The content type is not accepted here',
    remedy: 'Send application/json or multipart/form-data, without Content-Encoding.',
  },
  not_found: {
    status: 404,
    fate: 'give_up',
    title: 'Nothing is here',
    remedy: 'Check the id and the tenant of the key.',
  },
  method_not_allowed: {
    status: 405,
    fate: 'give_up',
    title: 'This method does nothing here',
    remedy: 'Use one that the `Allow` header names.',
  },
  conflict: {
    status: 409,
    fate: 'give_up',
    title: 'The asset is not in a state that allows this',
    remedy: 'Read the asset again and decide from its status.',
  },
  too_many_webhooks: {
    status: 409,
    fate: 'give_up',
    title: 'This tenant has as many webhooks as it may',
    remedy: 'Delete one that is not needed, or let one endpoint take the events of several.',
  },
  event_forgotten: {
    status: 410,
    fate: 'give_up',
    title: 'The event to go on from is not there any more',
    remedy:
      'Events are kept for 30 days. Connect without `Last-Event-ID`, and then list the assets to see what has become of them.',
  },
  ...accessCodes,
  too_large: {
    status: 413,
    fate: 'give_up',
    title: 'Too many bytes',
    remedy: 'Send a smaller file, or ask the operator to raise MAX_FORM_BYTES, MAX_UPLOAD_BYTES or MAX_FETCH_BYTES.',
  },
  range_not_satisfiable: {
    status: 416,
    fate: 'give_up',
    title: 'The range lies outside the file',
    remedy: 'Read the size from `Content-Range` or by HEAD, and ask for bytes within it.',
  },
  upload_interrupted: {
    status: 400,
    fate: 'give_up',
    title: 'The upload ended before all bytes arrived',
    remedy: 'Send the file again; large files do better over tus.',
  },
  upload_expired: {
    status: 410,
    fate: 'give_up',
    title: 'The upload has ended',
    remedy: 'Begin a new upload; an unfinished one is kept for UPLOAD_TTL after its last byte.',
  },
  upload_incomplete: {
    status: 409,
    fate: 'give_up',
    title: 'Bytes are missing',
    remedy: 'Send what `missing` names, then complete the upload again.',
  },
  direct_uploads_off: {
    status: 409,
    fate: 'give_up',
    title: 'Uploads directly to storage are off here',
    remedy: 'Upload by chunks or tus, or have the operator set DIRECT_UPLOADS=on.',
  },
  upload_finished: {
    status: 403,
    fate: 'give_up',
    title: 'The upload is finished, and its bytes are the asset now',
    remedy: 'Read, cancel or delete the asset instead; it bears the id of the upload.',
  },
  offset_mismatch: {
    status: 409,
    fate: 'give_up',
    title: 'The upload goes on from another offset',
    remedy: 'Ask for the offset by HEAD, and go on from there.',
  },
  tus_version: {
    status: 412,
    fate: 'give_up',
    title: 'This version of tus is not spoken here',
    remedy: 'Send `Tus-Resumable: 1.0.0`.',
  },
  upload_locked: {
    status: 423,
    fate: 'give_up',
    title: 'Another request writes to this upload',
    remedy: 'Wait a moment, ask for the offset, and go on from there.',
  },
  checksum_mismatch: {
    status: 422,
    fate: 'give_up',
    title: 'The bytes are not those that were announced',
    remedy: 'Send them again; they were damaged on the way.',
  },
  idempotency_key_reused: {
    status: 422,
    fate: 'give_up',
    title: 'This Idempotency-Key came with another request before',
    remedy: 'Give every new request a key of its own; send the same key only with the same request.',
  },
  idempotency_in_progress: {
    status: 409,
    fate: 'later',
    title: 'The first request with this Idempotency-Key is still being worked on',
    remedy: 'Wait as long as `Retry-After` says, then send the same request with the same key again.',
  },
  // Addresses
  url_not_allowed: {
    status: 422,
    fate: 'give_up',
    title: 'This address may not be fetched',
    remedy:
      'Use a public https address on port 443, for a webhook too, or have the operator add the host to FETCH_ALLOW.',
  },
  source_expired: {
    status: 422,
    fate: 'give_up',
    title: 'The address no longer serves the file',
    remedy: 'Ask the origin for a fresh address and send that.',
  },
  source_unavailable: {
    status: 422,
    fate: 'later',
    patienceMs: 600_000,
    title: 'The source could not be read',
    remedy:
      'Check that the origin is up and serves the file without cookies or headers, or that the object is there and may be read.',
  },
  source_not_allowed: {
    status: 422,
    fate: 'give_up',
    title: 'This object may not be used as a source',
    remedy:
      'Name an object of our own bucket, or have the operator add its bucket to SOURCE_BUCKETS or its folder to SOURCE_DIRS.',
  },
  source_changed: {
    status: 422,
    fate: 'give_up',
    title: 'The object is no longer the one that was accepted',
    remedy: 'Send it as a new asset, and leave objects as they are while their assets need them.',
  },
  source_gone: {
    status: 409,
    fate: 'give_up',
    title: 'The original is not kept any more',
    remedy: 'Send it as a new asset; without its original, nothing can be made anew.',
  },
  source_invalid_response: {
    status: 422,
    fate: 'give_up',
    title: 'The origin answered with something that is not the file',
    remedy: 'The address must answer 200 with the bytes themselves, without a content-encoding.',
  },
  source_too_slow: {
    status: 422,
    fate: 'retry',
    title: 'The origin sends too slowly',
    remedy: 'Serve the file from a faster origin, or upload it.',
  },
  ...workCodes,
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof errorCodes

export const triesOf = (code: ErrorCode): number => {
  const entry: Entry = errorCodes[code]
  return entry.tries ?? Number.POSITIVE_INFINITY
}

export const patienceOf = (code: ErrorCode): number => {
  const entry: Entry = errorCodes[code]
  return entry.patienceMs ?? Number.POSITIVE_INFINITY
}
