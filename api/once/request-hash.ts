import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'

/** What a form carried: its fields, and of its file the name, the size and the hash. How it was wrapped does not matter. */
export type FormContent = { fields: unknown; filename: string | undefined; bytes: number; sha256: string }

/** tus says in headers what others say in a body. */
const telling = ['upload-length', 'upload-defer-length', 'upload-metadata', 'upload-concat']

/** Two requests with the same hash ask for the same: method, path with its query, and body, where the order of JSON's fields means nothing. */
export function requestHash(request: FastifyRequest, form?: FormContent): Buffer {
  const { method, url, headers, body } = request
  const said = telling.map((name) => headers[name] ?? null)
  const carried = form === undefined ? { body: sayable(body) } : { form }
  return createHash('sha256')
    .update(JSON.stringify(canonical([method, url, said, carried])))
    .digest()
}

/** A body that streams by is no part of the request: it has not been read, and need not be for the answer. */
function sayable(body: unknown): unknown {
  if (Buffer.isBuffer(body)) return createHash('sha256').update(body).digest('hex')
  if (typeof body === 'object' && body !== null && 'pipe' in body) return 'stream'
  return body ?? null
}

/** The parser has seen to it that JSON is not deep. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const fields = Object.entries(value).map(([name, item]) => [name, canonical(item)])
  return { fields: fields.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)) }
}
