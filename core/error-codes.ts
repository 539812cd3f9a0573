import { accessCodes } from './access-codes.ts'

/** What becomes of a task that fails with an error: tried again, given up, or tried later without burning an attempt. */
export type Fate = 'retry' | 'give_up' | 'later'

export type Entry = {
  status: number
  fate: Fate
  title: string
  remedy: string
  /** Only with the fate `later`: how long one waits in all before it is given up. Default: without end. */
  patienceMs?: number
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
    remedy: 'Send application/json or multipart/form-data.',
  },
  not_found: {
    status: 404,
    fate: 'give_up',
    title: 'Nothing is here',
    remedy: 'Check the id and the tenant of the key.',
  },
  conflict: {
    status: 409,
    fate: 'give_up',
    title: 'The asset is not in a state that allows this',
    remedy: 'Read the asset again and decide from its status.',
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
  // Addresses
  url_not_allowed: {
    status: 422,
    fate: 'give_up',
    title: 'This address may not be fetched',
    remedy: 'Use a public https address on port 443, or have the operator add the host to FETCH_ALLOW.',
  },
  source_expired: {
    status: 422,
    fate: 'give_up',
    title: 'The address no longer serves the file',
    remedy: 'Ask the origin for a fresh address and send that.',
  },
  source_unavailable: {
    status: 422,
    fate: 'retry',
    title: 'The address could not be fetched',
    remedy: 'Check that the origin is up and serves the file without cookies or headers.',
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
  // The media
  unsupported_container: {
    status: 422,
    fate: 'give_up',
    title: 'This kind of file is not accepted',
    remedy: 'Send one of the formats listed in the docs; convert it first if need be.',
  },
  unsupported_codec: {
    status: 422,
    fate: 'give_up',
    title: 'The codec inside this file is not accepted',
    remedy: 'Re-encode with a common codec, H.264 and AAC for example.',
  },
  encrypted_media: {
    status: 422,
    fate: 'give_up',
    title: 'The file is encrypted',
    remedy: 'Send the file without DRM or encryption.',
  },
  corrupt_media: {
    status: 422,
    fate: 'give_up',
    title: 'The file is damaged and cannot be decoded',
    remedy: 'Check that it plays locally, then send it again.',
  },
  no_media_streams: {
    status: 422,
    fate: 'give_up',
    title: 'The file holds no picture and no sound',
    remedy: 'Send a file with at least one video, image or audio stream.',
  },
  too_long: {
    status: 422,
    fate: 'give_up',
    title: 'The media lasts too long',
    remedy: 'Cut it, or ask the operator to raise MAX_DURATION.',
  },
  too_many_pixels: {
    status: 422,
    fate: 'give_up',
    title: 'The picture has too many pixels',
    remedy: 'Scale it down, or ask the operator to raise MAX_PIXELS.',
  },
  unsafe_media: {
    status: 422,
    fate: 'give_up',
    title: 'The file tries something that media must not do',
    remedy: 'Send plain media that refers to nothing outside itself.',
  },
  // The house itself
  unknown_profile: {
    status: 500,
    fate: 'later',
    patienceMs: 600_000,
    title: 'The worker does not know the profile that was asked for',
    remedy: 'Give every process the same PROFILES_FILE, with this profile in it, then send the asset again.',
  },
  output_invalid: {
    status: 500,
    fate: 'retry',
    title: 'What was produced is not what was planned',
    remedy: 'It is tried again by itself; if it stays, report the asset id.',
  },
  encoder_failed: {
    status: 500,
    fate: 'retry',
    title: 'The encoder failed',
    remedy: 'It is tried again by itself; if it stays, report the asset id.',
  },
  encoder_stalled: {
    status: 500,
    fate: 'retry',
    title: 'The encoder made no progress',
    remedy: 'It is tried again by itself; check the load of the workers if it stays.',
  },
  resource_limit: {
    status: 500,
    fate: 'retry',
    title: 'The work needed more than its limits allow',
    remedy: 'Send smaller media, or give the workers more memory.',
  },
  poisoned: {
    status: 500,
    fate: 'give_up',
    title: 'This work killed its worker again and again',
    remedy: 'Look at the asset by hand; it was set aside so that others run on.',
  },
  storage_unavailable: {
    status: 503,
    fate: 'later',
    title: 'The storage does not answer',
    remedy: 'Try again in a moment; nothing acknowledged is lost.',
  },
  no_space: {
    status: 507,
    fate: 'later',
    title: 'There is no room for more bytes',
    remedy: 'Try again later; the operator has to free space.',
  },
  unavailable: {
    status: 503,
    fate: 'later',
    title: 'A part of the house does not answer',
    remedy: 'Try again in a moment; nothing acknowledged is lost.',
  },
  internal: {
    status: 500,
    fate: 'retry',
    title: 'Something went wrong here',
    remedy: 'Try again; report the requestId if it stays.',
  },
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof errorCodes

export const patienceOf = (code: ErrorCode): number => {
  const entry: Entry = errorCodes[code]
  return entry.patienceMs ?? Number.POSITIVE_INFINITY
}
