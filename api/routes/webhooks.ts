import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { assetEvents } from '../../core/db/events.ts'
import { webhookView } from '../../core/db/webhook-view.ts'
import {
  createWebhook,
  deleteWebhook,
  enableWebhook,
  findWebhook,
  listWebhooks,
  rotateSecret,
  rotateTenantSecret,
} from '../../core/db/webhooks.ts'
import { isId } from '../../core/ids.ts'
import { checkWebhookUrl } from '../../core/webhook-address.ts'
import { callerWith } from '../auth/authenticate.ts'
import type { ApiHouse } from '../house.ts'
import { idFor } from '../once/once.ts'
import { parseInput } from '../parse.ts'
import { noWebhook, theWebhook } from './the-webhook.ts'

const schema = { params: z.object({ id: z.string() }) }

const eventName = z.enum([...assetEvents, 'webhook.disabled'])
export const webhookWish = z.strictObject({
  url: z.string().min(1).max(2_000),
  events: z
    .array(eventName)
    .min(1)
    .max(eventName.options.length)
    .transform((names) => [...new Set(names)])
    .default([...assetEvents])
    .describe('Those of assets, where it is not said'),
})

/** `/v1/webhooks`: endpoints of a tenant that are told what happens. */
export function webhookRoutes(house: ApiHouse): FastifyPluginAsyncZod {
  const { db, config } = house
  return async (app) => {
    app.post('/v1/webhooks', async (request, reply) => {
      const { tenant } = await callerWith(house, request, 'webhooks')
      const { url, events } = parseInput(webhookWish, request.body)
      checkWebhookUrl(url, { field: 'url', allow: config.FETCH_ALLOW })
      const webhook = await createWebhook(db, { id: idFor(request), tenant, url, events })
      return reply
        .status(201)
        .headers({ location: `/v1/webhooks/${webhook.id}`, 'cache-control': 'no-store' })
        .send({ ...webhookView(webhook), secret: webhook.secret })
    })

    app.get('/v1/webhooks', async (request) => {
      const { tenant } = await callerWith(house, request, 'webhooks')
      return { data: (await listWebhooks(db, tenant)).map(webhookView), nextCursor: null }
    })

    app.get('/v1/webhooks/:id', { schema }, async (request) => {
      const { tenant } = await callerWith(house, request, 'webhooks')
      return webhookView(await theWebhook({ id: request.params.id, tenant }, (key) => findWebhook(db, key)))
    })

    app.delete('/v1/webhooks/:id', { schema }, async (request, reply) => {
      const { tenant } = await callerWith(house, request, 'webhooks')
      const { id } = request.params
      if (!isId(id) || !(await deleteWebhook(db, { id, tenant }))) throw noWebhook(id)
      return reply.status(204).send()
    })

    app.post('/v1/webhooks/:id/enable', { schema }, async (request) => {
      const { tenant } = await callerWith(house, request, 'webhooks')
      return webhookView(await theWebhook({ id: request.params.id, tenant }, (key) => enableWebhook(db, key)))
    })

    app.post('/v1/webhooks/:id/rotate-secret', { schema }, async (request, reply) => {
      const { tenant } = await callerWith(house, request, 'webhooks')
      const webhook = await theWebhook({ id: request.params.id, tenant }, (key) => rotateSecret(db, key))
      return reply.header('cache-control', 'no-store').send({ ...webhookView(webhook), secret: webhook.secret })
    })

    // Signs what goes to the `webhookUrl` of assets.
    app.post('/v1/webhooks/asset-secret', async (request, reply) => {
      const { tenant } = await callerWith(house, request, 'webhooks')
      const secret = await rotateTenantSecret(db, tenant)
      return reply.status(201).header('cache-control', 'no-store').send({ secret })
    })
  }
}
