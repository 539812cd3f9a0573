import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { SluiceError } from '../../core/errors.ts'
import type { OpenObject, Storage } from '../../core/storage/storage.ts'
import { parseRange } from './byte-range.ts'
import { type Gate, type Way, wayTo } from './media-way.ts'
import { isHeldAlready, mayCutRange } from './preconditions.ts'

type Options = Gate & { storage: Pick<Storage, 'open'> }
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

/** `/media/<key>` and `/media/~<mark>/<key>`: stored files over HTTP, for players and for whoever holds a signed address. */
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
  const way = await wayTo({ path: request.params['*'], query: request.query, gate: options })
  // A playlist that grows may be replaced between being found and being read.
  for (let tries = 0; tries < 3; tries++) {
    const object = way && (await options.storage.open(way.key))
    if (!way || !object) throw new SluiceError('not_found', { message: 'nothing to show is there' })
    try {
      if (await answer({ request, reply, object, way })) return reply
    } catch (error) {
      await object.close()
      throw error
    }
  }
  throw new SluiceError('unavailable', { message: 'an object is replaced faster than it can be read' })
}

type Answer = { request: MediaRequest; reply: FastifyReply; object: OpenObject; way: Way }

/** Takes over the open object. False when its bytes were gone before they could be read, and nothing is answered yet. */
async function answer({ request, reply, object, way }: Answer): Promise<boolean> {
  reply.headers(headersOf(object, way))
  if (isHeldAlready(request.headers, object)) {
    await object.close()
    reply.code(304).removeHeader('content-type').send()
    return true
  }
  if (request.method === 'HEAD') {
    await object.close()
    reply.header('content-length', object.bytes).send()
    return true
  }
  const range = mayCutRange(request.headers, object) ? parseRange(request.headers.range, object.bytes) : undefined
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${object.bytes}`).header('cache-control', 'no-store')
    throw new SluiceError('range_not_satisfiable', {
      message: `range ${request.headers.range} of ${object.bytes} bytes`,
    })
  }
  const body = await object.read(range ? { range } : {})
  if (body === undefined) return false
  const { start, end } = range ?? { start: 0, end: object.bytes - 1 }
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${object.bytes}`)
  reply.header('content-length', end - start + 1).send(body)
  return true
}

const headersOf = (object: OpenObject, way: Way) => ({
  'content-type': way.contentType,
  'cache-control': way.cacheControl,
  'accept-ranges': 'bytes',
  'last-modified': object.modifiedAt.toUTCString(),
  etag: object.etag,
  ...(way.attachment ? { 'content-disposition': 'attachment' } : {}),
})
