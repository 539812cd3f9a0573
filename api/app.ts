import helmet from '@fastify/helmet'
import multipart from '@fastify/multipart'
import { type FastifyBaseLogger, fastify, LogController } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { SluiceError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { ApiHouse } from './house.ts'
import { sendProblem } from './problem.ts'
import { assetActionRoutes } from './routes/asset-actions.ts'
import { assetRoutes } from './routes/assets.ts'
import { boardRoutes } from './routes/board.ts'
import { consoleRoutes } from './routes/console.ts'
import { healthRoutes } from './routes/health.ts'
import { mediaFor } from './routes/media-of-house.ts'

const saneRequestId = /^[\w.:-]{1,100}$/

/** The whole HTTP edge, not yet listening: tests inject into it, main.ts listens. */
export async function buildApp(house: ApiHouse) {
  const app = fastify({
    loggerInstance: house.log as FastifyBaseLogger,
    bodyLimit: 1024 * 1024,
    // Addresses that no route can even be looked up for are answered like every other mistake.
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id)
      sendProblem(error, request, reply)
    },
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: ({ headers }) => {
      const sent = headers['x-request-id']
      return typeof sent === 'string' && saneRequestId.test(sent) ? sent : newId()
    },
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))
  app.setNotFoundHandler((request) => {
    throw new SluiceError('not_found', { message: `${request.method} ${request.routeOptions.url ?? 'no route'}` })
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('preValidation', async (request) => {
    const { id } = (request.params ?? {}) as { id?: string }
    if (id !== undefined && request.url.startsWith('/v1/assets/')) request.log = request.log.child({ assetId: id })
  })
  app.addHook('onResponse', async (request, reply) => {
    const level = request.url === '/live' || request.url === '/ready' ? 'debug' : 'info'
    request.log[level](
      {
        method: request.method,
        path: request.url.split('?', 1)[0],
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    )
  })
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  })
  await app.register(multipart)
  await app.register(healthRoutes(house))
  await app.register(assetRoutes(house))
  await app.register(assetActionRoutes(house))
  await app.register(mediaFor(house))
  await app.register(boardRoutes(house))
  await app.register(consoleRoutes)
  return app
}
