import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type OpenSpan, saneTraceparent, type Tracing } from '../core/tracing/tracing.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What its caller, or we ourselves, are told of it as. */
    span?: OpenSpan
  }
}

/** Tells of every call of the API, as a part of its caller's trace where that names one; of media and of probes nothing. */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  app.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.url ?? ''
    if (!route.startsWith('/v1/')) return
    const span = tracing.begin(`${request.method} ${route}`, {
      parent: saneTraceparent(request.headers['traceparent']),
      kind: 'server',
      attributes: { 'http.request.method': request.method, 'http.route': route, 'sluice.request.id': request.id },
    })
    request.span = span
    reply.raw.once('close', () => {
      const status = reply.statusCode
      const failed = status >= 500 ? String(status) : undefined
      span.end({ failed, attributes: { 'http.response.status_code': status } })
    })
  })
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.span === undefined) done()
    else request.span.within(done)
  })
}

/** What an asset keeps of the request that made it: for the lines and the spans of its tasks. */
export const causeOf = (request: FastifyRequest) => ({
  requestId: request.id,
  traceparent: request.span?.traceparent,
})
