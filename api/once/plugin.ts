import type { FastifyInstance } from 'fastify'
import type { ApiHouse } from '../house.ts'
import { beginOnce, keyOf, type Once } from './once.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while a request with an `Idempotency-Key` is under way. */
    once: Once | undefined
  }
  interface FastifyContextConfig {
    /** `false`: the route keeps no answers, because doing it again does no harm. */
    idempotency?: false
  }
}

type App = Pick<FastifyInstance, 'addHook' | 'decorateRequest'>

/** `Idempotency-Key` on every POST below /v1 that is registered after this: the first answer again, and nothing done twice. */
export function answerOnce(app: App, house: Pick<ApiHouse, 'config' | 'db' | 'locks' | 'log' | 'access'>): void {
  app.decorateRequest('once', undefined)

  app.addHook('preHandler', async (request, reply) => {
    const { url, config } = request.routeOptions
    if (request.method !== 'POST' || !url?.startsWith('/v1/') || config.idempotency === false) return
    const key = keyOf(request)
    if (key === undefined) return
    const found = await beginOnce({ house, request, reply, key })
    if ('body' in found)
      return reply
        .status(found.status)
        .headers({ ...found.headers, 'idempotent-replayed': 'true' })
        .send(found.body)
    request.once = found
    // Who answers by other means than Fastify's is done when the connection says so.
    reply.raw.once('close', () => {
      if (reply.sent) found.release().catch((err) => request.log.warn({ err }, 'the lock of a key was not let go'))
    })
  })

  // Kept before it is sent: whoever heard it hears it again.
  app.addHook('onSend', async (request, reply, payload) => {
    await request.once?.answered(reply, textOf(payload))
    return payload
  })
}

function textOf(payload: unknown): string | undefined {
  if (payload === null || payload === undefined) return ''
  return typeof payload === 'string' ? payload : undefined
}
