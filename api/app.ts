import helmet from '@fastify/helmet'
import multipart from '@fastify/multipart'
import { type FastifyBaseLogger, type FastifyRequest, fastify, LogController, type RouteOptions } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { SluiceError } from '../core/errors.ts'
import { isId, newId } from '../core/ids.ts'
import { saneRequestId } from '../core/request-id.ts'
import { openAccess } from './auth/access.ts'
import { atTheDoor } from './auth/door.ts'
import { componentCheck } from './components.ts'
import { letOriginsIn } from './cors.ts'
import type { ApiParts } from './house.ts'
import { takeStrictJson } from './json-body.ts'
import { closeWithLastAnswers } from './last-answers.ts'
import { answerOnce } from './once/plugin.ts'
import { takePlainRequests } from './plain-requests.ts'
import { sendProblem } from './problem.ts'
import { assetActionRoutes } from './routes/asset-actions.ts'
import { assetBatchRoutes } from './routes/asset-batch.ts'
import { assetRoutes } from './routes/assets.ts'
import { boardRoutes } from './routes/board.ts'
import { consoleRoutes } from './routes/console.ts'
import { deliveryRoutes } from './routes/deliveries.ts'
import { eventRoutes } from './routes/events.ts'
import { generationRoutes } from './routes/generations.ts'
import { healthRoutes } from './routes/health.ts'
import { mediaFor } from './routes/media-of-house.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { openapiRoutes } from './routes/openapi.ts'
import { reprocessRoutes } from './routes/reprocess.ts'

import { signRoutes } from './routes/sign.ts'
import { tusRoutes } from './routes/tus.ts'
import { uploadChunkRoutes } from './routes/upload-chunks.ts'
import { uploadPartRoutes } from './routes/upload-parts.ts'
import { uploadTokenRoutes } from './routes/upload-tokens.ts'
import { uploadRoutes } from './routes/uploads.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { type ServerLimits, serverOptions, usualLimits } from './server-limits.ts'
import { cutOffSlowBodies } from './slow-body.ts'
import { traceRequests } from './trace-requests.ts'
import { letGoOfUnreadBodies } from './unread-body.ts'

/** Asked every few seconds by machines. */
const quiet = new Set(['/live', '/ready', '/metrics'])

type AppOptions = {
  limits?: ServerLimits
  /** Hears of every route that is made. */
  onRoute?: (route: RouteOptions) => void
}

/** The whole HTTP edge, not yet listening: tests inject into it, main.ts listens. */
export async function buildApp(parts: ApiParts, { limits = usualLimits, onRoute }: AppOptions = {}) {
  const house = { ...parts, access: openAccess(parts) }
  const app = fastify({
    loggerInstance: house.log as FastifyBaseLogger,
    ...serverOptions(limits),
    bodyLimit: 1024 * 1024,
    trustProxy: parts.config.TRUST_PROXY.length > 0 ? parts.config.TRUST_PROXY : false,
    // Addresses that no route can even be looked up for are answered like every other mistake.
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id)
      sendProblem(error, request, reply)
    },
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: ({ headers }) => saneRequestId(headers['x-request-id']) ?? newId(),
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  takeStrictJson(app)
  if (onRoute) app.addHook('onRoute', onRoute)
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))
  app.setNotFoundHandler((request) => {
    throw new SluiceError('not_found', { message: `${request.method} ${request.routeOptions.url ?? 'no route'}` })
  })
  closeWithLastAnswers(app)
  app.addHook('onRequest', async (request, reply) => {
    house.meters.http.begun(request, reply)
    reply.header('x-request-id', request.id)
  })
  traceRequests(app, house.tracing)
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  })
  await letOriginsIn(app, parts.config.CORS_ORIGINS)
  cutOffSlowBodies(app, limits.body)
  letGoOfUnreadBodies(app)
  // Who calls is asked before anything else is looked at, whatever the route does later, and where there is none.
  app.addHook('onRequest', async (request, reply) => {
    if (isOfTheApi(request) && !request.routeOptions.config.ownDoor) await atTheDoor(house, request, reply)
  })
  takePlainRequests(app)
  app.addHook('onClose', async () => house.access.close())
  app.addHook('preValidation', async (request) => {
    const { id } = (request.params ?? {}) as { id?: string }
    if (id !== undefined && isId(id) && /^\/v1\/(assets|uploads)\//.test(request.url))
      request.log = request.log.child({ assetId: id })
  })
  app.addHook('onResponse', async (request, reply) => {
    const level = quiet.has(request.url) ? 'debug' : 'info'
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
  await app.register(multipart)
  answerOnce(app, house)
  const check = componentCheck(house)
  await app.register(healthRoutes(house, check))
  await app.register(metricsRoutes(house, check))
  await app.register(assetRoutes(house))
  await app.register(assetBatchRoutes(house))
  await app.register(assetActionRoutes(house))
  await app.register(generationRoutes(house))
  await app.register(reprocessRoutes(house))
  await app.register(uploadTokenRoutes(house))
  await app.register(signRoutes(house))
  await app.register(eventRoutes(house, limits.streams))
  await app.register(webhookRoutes(house))
  await app.register(deliveryRoutes(house))
  await app.register(uploadRoutes(house))
  await app.register(uploadPartRoutes(house))
  await app.register(uploadChunkRoutes(house))
  await app.register(tusRoutes(house))
  await app.register(mediaFor(house))
  await app.register(boardRoutes(house))
  await app.register(consoleRoutes)
  await app.register(openapiRoutes)
  return app
}

/** By the pattern of the route, since an address can be written in many ways; where no route is, by what was asked for. What tus can do is told to everybody. */
const isOfTheApi = (request: FastifyRequest) => {
  const route = request.routeOptions.url ?? request.url
  return route.startsWith('/v1/') && !(request.method === 'OPTIONS' && route.startsWith('/v1/tus'))
}
