import type { FastifyReply } from 'fastify'
import { SluiceError } from '../core/errors.ts'

/** Aborts when the caller hangs up before the answer was sent. (Fastify's own signal fires already when the body has been read.) */
export function callerGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    // One who was answered before all of its body had come was cut off, or is not worth waiting for.
    if (!reply.raw.writableFinished || !reply.request.raw.complete)
      gone.abort(new SluiceError('upload_interrupted', { message: 'the caller hung up' }))
  })
  return gone.signal
}
