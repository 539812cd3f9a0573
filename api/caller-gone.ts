import type { FastifyReply } from 'fastify'
import { SluiceError } from '../core/errors.ts'

/** Aborts when the caller hangs up before the answer was sent. (Fastify's own signal fires already when the body has been read.) */
export function callerGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished)
      gone.abort(new SluiceError('upload_interrupted', { message: 'the caller hung up' }))
  })
  return gone.signal
}
