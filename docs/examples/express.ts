import express, { type Express } from 'express'
import { type Sluice, verifyWebhook, WebhookVerificationError } from 'sluice/client'

type Backend = {
  sluice: Sluice
  /** From `POST /v1/webhooks`: `whsec_…` */
  webhookSecret: string
  /** Yours: keep the address, tell the user. */
  onReady(asset: { id: string }): Promise<void>
}

/** A backend on Express: leave for a browser to upload, an address of the moment made lasting, and the end of it all by webhook. */
export function expressBackend({ sluice, webhookSecret, onReady }: Backend): Express {
  const app = express()

  // A browser asks your backend, which knows its user; then it uploads to Sluice directly, with a token for that one file.
  app.post('/upload-token', async (_request, response) => {
    const wish = { expiresIn: 600, maxBytes: 2 ** 30, accept: ['video/*', 'image/*'], metadata: { user: 'ada' } }
    response.json(await sluice.createUploadToken(wish))
  })

  // A picture that a model made lies at an address that dies within the hour: ask for a lasting one, and wait for it.
  app.post('/pictures', express.json(), async (request, response) => {
    const { id } = await sluice.createAsset({ source: { url: request.body.url }, kind: 'image' }, { waitSeconds: 30 })
    const asset = await sluice.waitUntilReady(id)
    response.json({ id, url: asset.images[0]?.url, srcset: asset.srcset })
  })

  // The body as it came: signed is what was sent, not what a parser makes of it.
  app.post('/webhooks/sluice', express.raw({ type: 'application/json' }), async (request, response) => {
    try {
      const event = await verifyWebhook(request.body, request.headers, webhookSecret)
      // At least once: the same webhook-id may come again.
      if (event.type === 'asset.ready') await onReady(event.data as { id: string })
      response.sendStatus(204)
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error
      response.sendStatus(401)
    }
  })
  return app
}
