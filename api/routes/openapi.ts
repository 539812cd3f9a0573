import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyPluginAsync } from 'fastify'
import { openapiDocument } from '../openapi/document.ts'

/** The page styles itself by attributes; scripts are its own files alone, and it calls nobody but us. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** `/openapi.json`, and `/docs` to read and try it. For everybody: it says nothing that the source does not. */
export const openapiRoutes: FastifyPluginAsync = async (app) => {
  const document = openapiDocument()
  const text = JSON.stringify(document)

  app.get('/openapi.json', async (_request, reply) =>
    reply
      .headers({ 'cache-control': 'no-cache', 'access-control-allow-origin': '*' })
      .type('application/json; charset=utf-8')
      .send(text),
  )

  await app.register(swagger, { mode: 'static', specification: { document: document as never } })
  await app.register(async (docs) => {
    docs.addHook('onSend', async (_request, reply) => void reply.header('content-security-policy', policy))
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      uiConfig: {
        docExpansion: 'list',
        tryItOutEnabled: false,
        displayRequestDuration: true,
        persistAuthorization: false,
      },
    })
  })
}
