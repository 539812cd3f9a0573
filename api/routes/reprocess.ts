import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { viewAssets } from '../../core/db/asset-views.ts'
import { noAsset } from '../../core/db/assets.ts'
import { isId } from '../../core/ids.ts'
import { reprocessAsset } from '../../core/reprocess.ts'
import { profileName } from '../../queues/payloads.ts'
import { callerWith } from '../auth/authenticate.ts'
import type { ApiHouse } from '../house.ts'
import { idFor } from '../once/once.ts'
import { parseInput } from '../parse.ts'

const params = z.object({ id: z.string() })
export const reprocessWish = z.strictObject({ profile: profileName.optional() })

/** `POST /v1/assets/:id/reprocess`: another generation from the same original; what plays goes on playing until it is ready. */
export function reprocessRoutes(house: ApiHouse): FastifyPluginAsyncZod {
  return async (app) => {
    app.post('/v1/assets/:id/reprocess', { schema: { params } }, async (request, reply) => {
      const { tenant, cause } = await callerWith(house, request, 'assets')
      const { profile } = parseInput(reprocessWish, request.body ?? {})
      const { id } = request.params
      if (!isId(id)) throw noAsset(id)
      const { asset, reminders } = await reprocessAsset(house, { id, tenant, profile, request: idFor(request), cause })
      house.push.push(reminders)
      const [view] = await viewAssets(house.db, house.storage, [asset])
      return reply.status(202).header('location', `/v1/assets/${id}`).send(view)
    })
  }
}
