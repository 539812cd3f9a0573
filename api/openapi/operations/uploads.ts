import { z } from 'zod'
import { exampleQueued, exampleUpload } from '../examples.ts'
import type { Operation } from '../operation.ts'
import { answers, requests } from '../shapes.ts'

const access = 'uploader'
const tag = 'uploads'
const number = (says: string) => ({ schema: z.int().min(0), says, example: 1 })
const signature = z.object({ exp: z.string().optional(), sig: z.string().optional() })
const beginnings = ['Location', 'Asset-Id', 'Idempotent-Replayed'] as const

/** `/v1/uploads` and `/v1/upload-tokens`. */
export const uploadOperations: Operation[] = [
  {
    ...{ id: 'createUpload', method: 'post', path: '/v1/uploads', tag, access },
    summary: 'Begin an upload, in chunks or directly to storage',
    description: 'The asset exists at once, `waiting`, under the id of its upload.',
    body: {
      required: true,
      types: {
        'application/json': {
          schema: requests.NewUpload,
          examples: { chunks: { filename: 'film.mp4', bytes: 10_485_760, externalId: 'order-17' } },
        },
      },
    },
    answers: {
      200: {
        says: 'An unfinished upload of the same external id and size: go on with it',
        headers: beginnings,
        schema: answers.Upload,
        example: exampleUpload,
      },
      201: { says: 'It has begun', headers: beginnings, schema: answers.Upload, example: exampleUpload },
    },
    errors: [
      ...(['conflict', 'direct_uploads_off', 'upload_token_used', 'no_space', 'storage_unavailable'] as const),
      ...(['quota_exceeded', ['quota_exceeded', 429], 'url_not_allowed'] as const),
    ],
  },
  {
    ...{ id: 'getUpload', method: 'get', path: '/v1/uploads/{id}', tag, access },
    summary: 'Ask what of an upload is missing',
    answers: { 200: { says: 'How far it is', schema: answers.Upload, example: exampleUpload } },
    errors: ['upload_expired', 'storage_unavailable'],
  },
  {
    ...{ id: 'deleteUpload', method: 'delete', path: '/v1/uploads/{id}', tag, access },
    summary: 'Give an unfinished upload up',
    answers: { 204: { says: 'Its asset is cancelled, and what had come is deleted' } },
    errors: ['upload_expired', 'conflict'],
  },
  {
    ...{ id: 'putChunk', method: 'put', path: '/v1/uploads/{id}/chunks/{index}', tag, access },
    summary: 'Send one chunk',
    description: 'In any order, as many at once as you like, to any process. The same chunk again is 204 too.',
    pathParams: { index: number('Which chunk; the first is 0') },
    send: ['Content-Digest'],
    body: { required: true, types: { 'application/octet-stream': { binary: true } } },
    answers: { 204: { says: 'It is safe on storage, whole' } },
    errors: [
      ...(['upload_expired', 'conflict', 'checksum_mismatch', 'upload_interrupted'] as const),
      ...(['no_space', 'storage_unavailable'] as const),
    ],
  },
  {
    ...{ id: 'wantParts', method: 'post', path: '/v1/uploads/{id}/parts', tag, access },
    summary: 'Get addresses that take the parts of a direct upload',
    body: {
      required: true,
      types: { 'application/json': { schema: requests.WantedParts, examples: { two: { partNumbers: [1, 2] } } } },
    },
    answers: {
      200: {
        says: 'Addresses that hold for an hour',
        headers: ['Cache-Control', 'Idempotent-Replayed'],
        schema: answers.PartList,
        example: {
          data: [
            {
              partNumber: 1,
              url: 'https://media.example.com/v1/uploads/01981f6e-3c00-7000-8000-000000000001/parts/1?exp=1767229200&sig=…',
              expiresAt: '2026-01-01T01:00:00.000Z',
            },
          ],
        },
      },
    },
    errors: ['upload_expired', 'conflict', 'direct_uploads_off', 'storage_unavailable'],
  },
  {
    ...{ id: 'putPart', method: 'put', path: '/v1/uploads/{id}/parts/{number}', tag, access: 'address' },
    summary: 'Put one part at an address that was handed out',
    description: 'On S3 the addresses are the store’s own, and this call is not used.',
    pathParams: { number: number('Which part; the first is 1') },
    query: signature,
    send: ['Content-Digest'],
    body: { required: true, types: { 'application/octet-stream': { binary: true } } },
    answers: { 200: { says: 'It is kept; name its tag when you complete the upload', headers: ['ETag'] } },
    errors: [
      ...(['unauthorized', 'upload_expired', 'conflict', 'checksum_mismatch', 'upload_interrupted'] as const),
      ...(['no_space', 'storage_unavailable'] as const),
    ],
  },
  {
    ...{ id: 'completeUpload', method: 'post', path: '/v1/uploads/{id}/complete', tag, access },
    summary: 'Say that all bytes were sent',
    description: 'For a direct upload with the list of its parts.',
    body: {
      types: {
        'application/json': {
          schema: requests.Completion,
          examples: { chunks: {}, direct: { parts: [{ partNumber: 1, etag: '"9b2cf535f27731c974343645a3985328"' }] } },
        },
      },
    },
    answers: {
      202: {
        says: 'The asset, whose work begins; the same again when it is called again',
        headers: ['Location', 'Idempotent-Replayed'],
        schema: answers.Asset,
        example: exampleQueued,
      },
    },
    errors: ['upload_expired', 'upload_incomplete', 'checksum_mismatch', 'storage_unavailable'],
  },
  {
    ...{ id: 'createUploadToken', method: 'post', path: '/v1/upload-tokens', tag, access: { scope: 'uploads' } },
    summary: 'Make a token with which a browser may make one upload',
    body: {
      types: {
        'application/json': {
          schema: requests.UploadTokenWish,
          examples: { videos: { expiresIn: 600, maxBytes: 104_857_600, accept: ['video/*'] } },
        },
      },
    },
    answers: {
      201: {
        says: 'The token, shown once',
        headers: ['Cache-Control', 'Idempotent-Replayed'],
        schema: answers.UploadToken,
        example: {
          id: '01981f6e-3c00-7000-8000-000000000003',
          token: 'slu_x7Zq0l3mVb2cN9dK4fR8tY1w',
          expiresAt: '2026-01-01T00:10:00.000Z',
        },
      },
    },
    errors: [],
  },
]
