import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { deliveriesOfAsset, deliveryView, listDeliveries, redeliver } from '../../core/db/deliveries.ts'
import { findWebhook } from '../../core/db/webhooks.ts'
import { SluiceError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { callerWith } from '../auth/authenticate.ts'
import { cursorOf, idOf } from '../cursor.ts'
import type { ApiHouse } from '../house.ts'
import { theAsset } from './the-asset.ts'
import { theWebhook } from './the-webhook.ts'

const params = z.object({ id: z.string() })
export const deliveriesQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().transform(idOf).optional(),
  status: z.enum(['pending', 'delivered', 'failed']).optional(),
})

/** Of one asset there are a few for each endpoint; these are the newest. */
const mostOfAsset = 100

/** What endpoints were sent, what came of it, and once more. */
export function deliveryRoutes(house: ApiHouse): FastifyPluginAsyncZod {
  const { db } = house
  return async (app) => {
    const listed = { schema: { params, querystring: deliveriesQuery } }
    app.get('/v1/webhooks/:id/deliveries', listed, async (request) => {
      const { tenant } = await callerWith(house, request, 'webhooks')
      const webhook = await theWebhook({ id: request.params.id, tenant }, (key) => findWebhook(db, key))
      const { cursor, limit, status } = request.query
      const rows = await listDeliveries(db, { webhookId: webhook.id, status, after: cursor, limit: limit + 1 })
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1) : undefined
      return { data: page.map(deliveryView), nextCursor: last ? cursorOf(last.id) : null }
    })

    app.get('/v1/assets/:id/deliveries', { schema: { params } }, async (request) => {
      const { tenant } = await callerWith(house, request, 'webhooks')
      const asset = await theAsset(house, { id: request.params.id, tenant })
      return { data: (await deliveriesOfAsset(db, asset.id, mostOfAsset)).map(deliveryView), nextCursor: null }
    })

    app.post('/v1/webhooks/deliveries/:id/redeliver', { schema: { params } }, async (request, reply) => {
      const { tenant } = await callerWith(house, request, 'webhooks')
      const { id } = request.params
      const found = isId(id) ? await redeliver(db, { id, tenant }) : undefined
      const publicMessage = 'There is no delivery with this id.'
      if (found === undefined) throw new SluiceError('not_found', { message: `no delivery ${id}`, publicMessage })
      if (found.disabled) throw disabled(id)
      return reply.status(202).send(deliveryView(found.delivery))
    })
  }
}

function disabled(id: string): SluiceError {
  const publicMessage = 'Its webhook is disabled; enable it first.'
  return new SluiceError('conflict', { message: `the webhook of delivery ${id} is disabled`, publicMessage })
}
