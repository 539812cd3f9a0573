import { type FastifyInstance, fastify } from 'fastify'
import { type Sluice, SluiceAssetError, verifyWebhook, WebhookVerificationError } from 'sluice/client'

type Backend = { sluice: Sluice; webhookSecret: string; onReady(asset: { id: string }): Promise<void> }

/** The same on Fastify; here a form of your own site is passed on while it comes. */
export function fastifyBackend({ sluice, webhookSecret, onReady }: Backend): FastifyInstance {
  const app = fastify()

  // `PUT /films/NAME` with the bytes as body: they stream through, resumable on the far side, and are never held whole.
  app.register(async (films) => {
    films.addContentTypeParser('*', (_request, _body, done) => done(null))
    films.put<{ Params: { name: string } }>('/films/:name', async (request, reply) => {
      const bytes = Number(request.headers['content-length'])
      const { assetId } = await sluice.upload(request.raw, { filename: request.params.name, bytes }).finished
      return reply.status(202).send({ assetId })
    })
  })

  app.get<{ Params: { id: string } }>('/films/:id', async (request, reply) => {
    try {
      const asset = await sluice.waitUntilReady(request.params.id, { signal: AbortSignal.timeout(60_000) })
      return { playback: asset.playback, thumbnails: asset.thumbnails, images: asset.images }
    } catch (error) {
      if (!(error instanceof SluiceAssetError)) throw error
      return reply.status(422).send({ why: error.asset.error })
    }
  })

  app.register(async (hooks) => {
    hooks.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    hooks.post<{ Body: Buffer }>('/webhooks/sluice', async (request, reply) => {
      try {
        const event = await verifyWebhook(request.body, request.headers, webhookSecret)
        if (event.type === 'asset.ready') await onReady(event.data as { id: string })
        return reply.status(204).send()
      } catch (error) {
        if (!(error instanceof WebhookVerificationError)) throw error
        return reply.status(401).send()
      }
    })
  })
  return app
}
