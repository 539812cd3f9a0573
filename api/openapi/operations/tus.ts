import type { Operation } from '../operation.ts'

const access = 'uploader'
const tag = 'tus'
const whileWriting = [
  ...['checksum_mismatch', 'upload_interrupted', 'upload_locked', 'upload_expired', 'offset_mismatch'],
  ...['no_space', 'storage_unavailable', 'too_large', 'tus_version'],
] as const
const sum460 = ['checksum_mismatch', 460] as const
const writing = [...whileWriting.filter((code) => code !== 'checksum_mismatch'), sum460]
const bytes = { types: { 'application/offset+octet-stream': { binary: true } } } as const
const facts = ['Tus-Resumable', 'Upload-Offset', 'Upload-Expires', 'Asset-Id'] as const

const whatWeCan = (id: string, path: string): Operation => ({
  ...{ id, method: 'options', path, tag, access: 'anybody' },
  summary: 'Ask what the server can do',
  answers: {
    204: {
      says: 'Versions, extensions and limits',
      headers: ['Tus-Resumable', 'Tus-Version', 'Tus-Extension', 'Tus-Max-Size', 'Tus-Checksum-Algorithm', 'Allow'],
    },
  },
  errors: [],
})

const create: Operation = {
  ...{ id: 'tusCreate', method: 'post', path: '/v1/tus', tag, access },
  summary: 'Begin an upload, a part of one, or join parts to one',
  description:
    'The asset exists at once, `waiting`, under the id of its upload; `Asset-Id` names it. The answer to a `final` concatenation makes the asset of its parts. `/v1/tus/` is the same. What comes under other methods is 405.',
  send: [
    ...(['Tus-Resumable', 'Upload-Length', 'Upload-Defer-Length', 'Upload-Metadata', 'Upload-Concat'] as const),
    'Upload-Checksum',
  ],
  body: bytes,
  answers: {
    201: {
      says: 'Go on at `Location`; the bytes that came along count up to `Upload-Offset`',
      headers: ['Location', ...facts, 'Idempotent-Replayed'],
    },
  },
  errors: [
    ...writing,
    ...(['not_found', 'conflict', 'upload_incomplete', 'upload_token_used', 'type_not_accepted'] as const),
    ...(['quota_exceeded', ['quota_exceeded', 429], 'method_not_allowed'] as const),
  ],
}

/** `/v1/tus`: tus 1.0.0 with creation, checksum, concatenation, expiration and termination. */
export const tusOperations: Operation[] = [
  create,
  whatWeCan('tusOptions', '/v1/tus'),
  {
    ...{ id: 'tusHead', method: 'head', path: '/v1/tus/{id}', tag, access },
    summary: 'Ask where an upload goes on',
    send: ['Tus-Resumable'],
    answers: {
      200: {
        says: 'How many bytes are there',
        headers: [
          ...facts,
          'Upload-Length',
          'Upload-Defer-Length',
          'Upload-Metadata',
          'Upload-Concat',
          'Cache-Control',
        ],
      },
    },
    errors: ['upload_expired', 'tus_version', 'upload_locked', 'invalid_request', 'storage_unavailable'],
  },
  {
    ...{ id: 'tusPatch', method: 'patch', path: '/v1/tus/{id}', tag, access },
    summary: 'Send bytes',
    send: ['Tus-Resumable', 'Upload-Offset', 'Upload-Length', 'Upload-Checksum'],
    body: { ...bytes, required: true },
    answers: { 204: { says: 'They are safe and written down', headers: facts } },
    errors: [...writing, 'upload_finished', 'invalid_request'],
  },
  {
    ...{ id: 'tusPost', method: 'post', path: '/v1/tus/{id}', tag, access },
    summary: 'Send bytes, for clients that know no PATCH',
    description: 'What is meant stands in `X-HTTP-Method-Override`; without it, 405.',
    idempotency: false,
    send: ['Tus-Resumable', 'X-HTTP-Method-Override', 'Upload-Offset', 'Upload-Length', 'Upload-Checksum'],
    body: bytes,
    answers: { 204: { says: 'They are safe and written down', headers: facts } },
    errors: [...writing, 'upload_finished', 'invalid_request', 'method_not_allowed'],
  },
  {
    ...{ id: 'tusDelete', method: 'delete', path: '/v1/tus/{id}', tag, access },
    summary: 'Give an unfinished upload up',
    send: ['Tus-Resumable'],
    answers: { 204: { says: 'Its asset is cancelled, and what had come is deleted', headers: ['Tus-Resumable'] } },
    errors: [
      'upload_expired',
      'upload_finished',
      'tus_version',
      'upload_locked',
      'upload_interrupted',
      'invalid_request',
    ],
  },
  whatWeCan('tusUploadOptions', '/v1/tus/{id}'),
]
