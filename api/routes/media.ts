import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { SluiceError } from '../../core/errors.ts'
import { cacheControlFor, servedTypeFor } from '../../core/storage/content-types.ts'
import { isSafeKey, isSourceKey } from '../../core/storage/keys.ts'
import type { LocalStorage } from '../../core/storage/local.ts'
import type { OpenObject } from '../../core/storage/local-read.ts'
import { parseRange } from './byte-range.ts'
import { isHeldAlready, mayCutRange } from './preconditions.ts'

type Options = {
  storage: Pick<LocalStorage, 'open' | 'signatureHolds'>
  /** Whether anybody may read this key now; not asked when the address is signed. Says no to what is deleted or private. */
  allowKey(key: string): boolean | Promise<boolean>
}
type MediaRequest = FastifyRequest<{ Params: { '*': string }; Querystring: Record<string, unknown> }>

// Players on other sites read playlists and segments by script.
const everywhere = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Accept-Ranges, Content-Length, Content-Range, Content-Type, ETag, Last-Modified',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
}
const preflight = {
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': 'Range, If-Range, If-None-Match, If-Modified-Since',
  'access-control-max-age': '86400',
}

/** `/media/<key>`: local storage over HTTP, for players and for whoever holds a signed address. */
export async function mediaRoutes(app: FastifyInstance, options: Options): Promise<void> {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(everywhere)
  })
  app.options('/media/*', async (_request, reply) => reply.code(204).headers(preflight).send())
  app.route({
    method: ['GET', 'HEAD'],
    url: '/media/*',
    handler: (request, reply) => serve(request as MediaRequest, reply, options),
  })
}

async function serve(request: MediaRequest, reply: FastifyReply, options: Options): Promise<FastifyReply> {
  const key = request.params['*']
  const way = await wayTo(key, request.query, options)
  const object = way && (await options.storage.open(key))
  if (!way || !object) throw new SluiceError('not_found', { message: `no public object at ${key.slice(0, 200)}` })
  try {
    return await answer({ request, reply, object, way })
  } catch (error) {
    await object.close()
    throw error
  }
}

type Way = { contentType: string; cacheControl: string; attachment: boolean }

/** How a key may be read, or undefined when it may not: sources by signature alone and only to be saved, everything else in types of ours. */
async function wayTo(key: string, query: Record<string, unknown>, options: Options): Promise<Way | undefined> {
  if (!isSafeKey(key)) return undefined
  const contentType = servedTypeFor(key)
  const signed = options.storage.signatureHolds(key, { exp: text(query['exp']), sig: text(query['sig']) })
  if (isSourceKey(key)) {
    if (!signed) return undefined
    const saved = contentType ?? 'application/octet-stream'
    return { contentType: saved, cacheControl: 'private, no-store', attachment: true }
  }
  if (contentType === undefined || !(signed || (await options.allowKey(key)))) return undefined
  return { contentType, cacheControl: cacheControlFor(key), attachment: false }
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined)

/** Takes over the open object. */
async function answer(options: {
  request: MediaRequest
  reply: FastifyReply
  object: OpenObject
  way: Way
}): Promise<FastifyReply> {
  const { request, reply, object, way } = options
  reply.headers({
    'content-type': way.contentType,
    'cache-control': way.cacheControl,
    'accept-ranges': 'bytes',
    'last-modified': object.modifiedAt.toUTCString(),
    etag: object.etag,
    ...(way.attachment ? { 'content-disposition': 'attachment' } : {}),
  })
  if (isHeldAlready(request.headers, object)) {
    await object.close()
    return reply.code(304).removeHeader('content-type').send()
  }
  if (request.method === 'HEAD') {
    await object.close()
    return reply.header('content-length', object.bytes).send()
  }
  const range = mayCutRange(request.headers, object) ? parseRange(request.headers.range, object.bytes) : undefined
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${object.bytes}`).header('cache-control', 'no-store')
    throw new SluiceError('range_not_satisfiable', {
      message: `range ${request.headers.range} of ${object.bytes} bytes`,
    })
  }
  if (!range) return reply.header('content-length', object.bytes).send(object.read())
  reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${object.bytes}`)
  return reply.header('content-length', range.end - range.start + 1).send(object.read({ range }))
}
