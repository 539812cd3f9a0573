export type Header = { says: string; schema: Record<string, unknown>; example?: unknown }

const text = { type: 'string' }
const number = { type: 'integer', minimum: 0 }

/** What a caller may send besides credentials. */
export const requestHeaders = {
  'Idempotency-Key': {
    says: 'The same key with the same request within 24 h gets the first answer again, and nothing is done twice.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]+$' },
    example: 'order-17',
  },
  Prefer: {
    says: '`wait=N`: the answer is held until the asset has ended, or for N seconds (60 at most).',
    schema: text,
    example: 'wait=30',
  },
  'X-Request-Id': {
    says: 'A name for this request, to be found again in the answer and in every log line; made where it is missing.',
    schema: { type: 'string', maxLength: 100 },
    example: 'checkout-4711',
  },
  'Content-Digest': {
    says: 'What the body comes to, by RFC 9530; `sha-256` and `sha-512` are looked at.',
    schema: text,
    example: 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
  },
  'Last-Event-ID': {
    says: 'The id of the last event that was heard: the stream goes on after it.',
    schema: text,
    example: '01981f6e-3c00-7000-8000-000000000004',
  },
  Range: { says: 'Which bytes are wanted; one range.', schema: text, example: 'bytes=0-1023' },
  'If-Range': { says: 'The range only if the file is still this one; else the whole.', schema: text },
  'If-None-Match': { says: 'Tags of what the caller has.', schema: text },
  'If-Modified-Since': { says: 'When the caller got what it has.', schema: text },
  'Tus-Resumable': {
    says: 'The version of the protocol.',
    schema: { type: 'string', const: '1.0.0' },
    example: '1.0.0',
  },
  'Upload-Length': {
    says: 'How many bytes will come; or `Upload-Defer-Length: 1`.',
    schema: number,
    example: 10485760,
  },
  'Upload-Defer-Length': {
    says: 'The length is said by a later PATCH.',
    schema: { type: 'string', const: '1' },
  },
  'Upload-Metadata': {
    says: 'Pairs of a key and a value in base64, by comma: `filename`, `filetype`, `profile`, `externalId`, `kind`, `priority`, `visibility`, `metadata.NAME`.',
    schema: text,
    example: 'filename ZmlsbS5tcDQ=',
  },
  'Upload-Offset': { says: 'Where the bytes of this request begin.', schema: number, example: 1048576 },
  'Upload-Checksum': {
    says: 'What the body of this request comes to: `sha1`, `sha256`, `md5` or `crc32`, and the sum in base64.',
    schema: text,
    example: 'sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  },
  'Upload-Concat': {
    says: '`partial` for a part of an upload; `final;` and the addresses of the parts to join them.',
    schema: text,
    example: 'partial',
  },
  'X-HTTP-Method-Override': {
    says: 'For clients that know no PATCH: the method that is meant.',
    schema: { type: 'string', enum: ['PATCH', 'DELETE', 'HEAD'] },
  },
} as const satisfies Record<string, Header>
export type RequestHeader = keyof typeof requestHeaders

/** What an answer may say besides its body. */
export const answerHeaders = {
  'X-Request-Id': { says: 'The name of this request, in every answer and log line.', schema: text },
  Location: { says: 'Where what was made is found; relative.', schema: text },
  'Asset-Id': { says: 'The asset that this upload becomes.', schema: { type: 'string', format: 'uuid' } },
  'Asset-Existed': {
    says: 'The external id stood for this asset already; nothing new was made.',
    schema: { type: 'string', const: 'true' },
  },
  'Idempotent-Replayed': {
    says: 'The first answer to this Idempotency-Key, again.',
    schema: { type: 'string', const: 'true' },
  },
  'Preference-Applied': { says: 'The preference that was followed.', schema: text, example: 'wait=30' },
  'Retry-After': { says: 'Seconds after which another try makes sense.', schema: number, example: 5 },
  'RateLimit-Limit': { says: 'How many calls this key may make in a window.', schema: number, example: 6000 },
  'RateLimit-Remaining': { says: 'How many of them are left.', schema: number, example: 5998 },
  'RateLimit-Reset': { says: 'Seconds until the window begins anew.', schema: number, example: 42 },
  'WWW-Authenticate': { says: 'How to say who calls.', schema: text, example: 'Bearer realm="sluice"' },
  Allow: { says: 'The methods that do something here.', schema: text },
  ETag: { says: 'The tag of exactly these bytes.', schema: text },
  'Last-Modified': { says: 'When they were written.', schema: text },
  'Accept-Ranges': { says: 'Ranges can be asked for.', schema: { type: 'string', const: 'bytes' } },
  'Content-Range': { says: 'Which bytes these are, and of how many.', schema: text },
  'Cache-Control': { says: 'How long the answer may be kept, and by whom.', schema: text },
  'Tus-Resumable': { says: 'The version of the protocol.', schema: { type: 'string', const: '1.0.0' } },
  'Tus-Version': { says: 'The versions that are spoken.', schema: text, example: '1.0.0' },
  'Tus-Extension': { says: 'What the server can do beyond the core of the protocol.', schema: text },
  'Tus-Max-Size': { says: 'The largest upload.', schema: number },
  'Tus-Checksum-Algorithm': { says: 'The sums that are known.', schema: text },
  'Upload-Offset': { says: 'How many bytes are there, safe and written down.', schema: number, example: 1048576 },
  'Upload-Length': { says: 'How many there will be.', schema: number },
  'Upload-Defer-Length': { says: 'The length is not known yet.', schema: { type: 'string', const: '1' } },
  'Upload-Metadata': { says: 'As it came.', schema: text },
  'Upload-Concat': { says: 'As it came.', schema: text },
  'Upload-Expires': { says: 'When an unfinished upload ends.', schema: text },
} as const satisfies Record<string, Header>
export type AnswerHeader = keyof typeof answerHeaders
