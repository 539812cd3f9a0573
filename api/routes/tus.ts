import type { FastifyPluginAsync } from 'fastify'
import { SluiceError } from '../../core/errors.ts'
import type { ApiHouse } from '../house.ts'
import { tusPath } from '../tus/call.ts'
import { openDigests } from '../tus/digests.ts'
import { serveTus } from '../tus/serve.ts'

const methods = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS', 'GET', 'PUT']

/** `/v1/tus`: uploads that survive broken connections (tus 1.0.0), for browsers and every client that speaks it. */
export function tusRoutes(house: ApiHouse): FastifyPluginAsync {
  return async (app) => {
    const closing = new AbortController()
    const shared = { ...house, digests: openDigests(), closing: closing.signal }
    // Bodies go from the socket to storage: nothing reads them before.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _body, done) => done(null))
    // Of every answer, also one that was given at the door.
    app.addHook('onSend', async (_request, reply) => void reply.header('tus-resumable', '1.0.0'))
    app.addHook('preClose', async () => closing.abort(stopping()))
    for (const url of [tusPath, `${tusPath}/`])
      app.route({
        method: methods,
        url,
        exposeHeadRoute: false,
        handler: (request, reply) => serveTus(shared, { request, reply, id: undefined }),
      })
    app.route<{ Params: { id: string } }>({
      method: methods,
      url: `${tusPath}/:id`,
      // A POST in place of a PATCH has an offset, which says better what comes twice.
      config: { idempotency: false },
      exposeHeadRoute: false,
      handler: (request, reply) => serveTus(shared, { request, reply, id: request.params.id }),
    })
  }
}

const stopping = () =>
  new SluiceError('unavailable', {
    message: 'this process ends',
    publicMessage: 'Go on in a moment; what came counts.',
    retryAfterMs: 1_000,
  })
