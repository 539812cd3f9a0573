import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { SluiceError } from '../core/errors.ts'
import { problemOf } from './problem.ts'

/** The least that must come while we are ready to take more. */
export type BodyPace = { windowMs: number; minBytes: number }

/**
 * Watches a body come in, and says so once when its sender all but stopped. Where bytes wait to be read, it is we who are slow,
 * and nobody is blamed. Returns what ends the watch.
 */
function watchBody(request: IncomingMessage, pace: BodyPace, onSlow: () => void): () => void {
  const { socket } = request
  let before = socket.bytesRead
  const timer = setInterval(() => {
    const came = socket.bytesRead - before
    before = socket.bytesRead
    if (request.complete || request.destroyed) clearInterval(timer)
    else if (came < pace.minBytes && request.readableLength === 0) {
      clearInterval(timer)
      onSlow()
    }
  }, pace.windowMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** Every body, on every route, in whatever way it is read: one that trickles is answered with 408 and cut off. */
export function cutOffSlowBodies(app: FastifyInstance, pace: BodyPace): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!bringsBody(request)) return
    const stop = watchBody(request.raw, pace, () => cutOff(request, reply))
    reply.raw.once('close', stop)
  })
}

const bringsBody = ({ headers }: FastifyRequest) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** Whoever waits for the body is told by its end; what they answer then is heard no more. */
function cutOff(request: FastifyRequest, reply: FastifyReply): void {
  const error = new SluiceError('upload_interrupted', {
    message: 'the body came too slowly',
    publicMessage: 'The body came too slowly.',
    status: 408,
  })
  request.log.info({ code: error.code, reason: error.message }, 'request cut off')
  const hangUp = () => request.raw.destroy(error)
  if (reply.raw.headersSent) return void hangUp()
  reply.hijack()
  reply.raw.writeHead(error.status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'x-request-id': request.id,
    connection: 'close',
  })
  reply.raw.end(JSON.stringify(problemOf(error, request.id)), hangUp)
}
