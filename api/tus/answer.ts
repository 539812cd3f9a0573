import type { FastifyReply } from 'fastify'
import type { Upload } from '../../core/db/uploads.ts'
import { allowedHeaders } from '../cors.ts'
import { checksumAlgorithms } from './checksum.ts'
import { type TusMethod, tusMethods } from './method.ts'

const extensions = [
  ...['creation', 'creation-with-upload', 'creation-defer-length', 'checksum'],
  ...['concatenation', 'expiration', 'termination'],
]

/** What this server can do, for whoever asks, known or not. */
export function sayWhatWeCan(reply: FastifyReply, { maxBytes }: { maxBytes: number }): FastifyReply {
  return reply
    .headers({
      'tus-version': '1.0.0',
      'tus-extension': extensions.join(','),
      'tus-max-size': maxBytes,
      'tus-checksum-algorithm': checksumAlgorithms.join(','),
      allow: tusMethods.join(', '),
      // Of use to pages of allowed origins alone, whose name stands in a header that others are not sent.
      'access-control-allow-methods': tusMethods.join(', '),
      'access-control-allow-headers': allowedHeaders.join(', '),
      'access-control-max-age': 7_200,
    })
    .status(204)
    .send()
}

const fromTheProtocol = ['location', 'upload-offset', 'upload-length', 'upload-defer-length']

/** The answer of @tus/server with what it does not know: the asset, when the upload expires, and the client's own words. */
export function sendAnswer(
  reply: FastifyReply,
  { method, response, upload }: { method: TusMethod; response: Response; upload: Upload | undefined },
): FastifyReply {
  for (const name of fromTheProtocol) {
    const value = response.headers.get(name)
    if (value !== null) reply.header(name, value)
  }
  if (method !== 'DELETE' && upload !== undefined) reply.headers(factsOf(upload))
  if (method === 'HEAD' && upload !== undefined) reply.headers(wordsOf(upload))
  return reply.header('cache-control', 'no-store').status(response.status).send()
}

export function factsOf(upload: Upload): Record<string, string> {
  return {
    ...(upload.protocol === 'tus' && { 'asset-id': upload.id }),
    ...(upload.status === 'open' && { 'upload-expires': upload.expires_at.toUTCString() }),
  }
}

function wordsOf({ metadata, concat, protocol }: Upload): Record<string, string> {
  return {
    ...(metadata !== null && { 'upload-metadata': metadata }),
    ...(protocol === 'partial' && { 'upload-concat': 'partial' }),
    ...(concat !== null && { 'upload-concat': concat }),
  }
}
