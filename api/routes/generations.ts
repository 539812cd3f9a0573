import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { generationsOf } from '../../core/db/generations.ts'
import { callerWith } from '../auth/authenticate.ts'
import type { ApiHouse } from '../house.ts'
import { theAsset } from './the-asset.ts'

const params = z.object({ id: z.string() })

/** `GET /v1/assets/:id/generations`: every time that an asset was made, and which of them is served. */
export function generationRoutes(house: ApiHouse): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/v1/assets/:id/generations', { schema: { params } }, async (request) => {
      const { tenant } = await callerWith(house, request, 'assets')
      const asset = await theAsset(house, { id: request.params.id, tenant })
      const data = (await generationsOf(house.db, asset)).map((one) => ({
        generation: one.generation,
        status: one.status,
        served: asset.playable && one.generation === asset.generation,
        tasks: one.tasks,
        createdAt: one.created_at.toISOString(),
        finishedAt: one.finished_at?.toISOString() ?? null,
      }))
      return { data, nextCursor: null }
    })
  }
}
