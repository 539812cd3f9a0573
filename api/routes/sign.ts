import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { viewAssets } from '../../core/db/asset-views.ts'
import { noAsset } from '../../core/db/assets.ts'
import { signedAddresses, signedFor } from '../../core/signed-addresses.ts'
import { callerWith } from '../auth/authenticate.ts'
import type { ApiHouse } from '../house.ts'
import { parseInput } from '../parse.ts'
import { theAsset } from './the-asset.ts'

const params = z.object({ id: z.string() })
export const signWish = z.strictObject({
  expiresIn: z.int().min(signedFor.least).max(signedFor.most).default(signedFor.usual),
})

/** `POST /v1/assets/:id/sign`: all that an asset shows, at addresses that a viewer may be given and that end by themselves. */
export function signRoutes(house: ApiHouse): FastifyPluginAsyncZod {
  return async (app) => {
    app.post('/v1/assets/:id/sign', { schema: { params } }, async (request, reply) => {
      const { tenant } = await callerWith(house, request, 'assets')
      const { expiresIn } = parseInput(signWish, request.body ?? {})
      const asset = await theAsset(house, { id: request.params.id, tenant })
      const expiresAt = new Date(Math.ceil(Date.now() / 1000 + expiresIn) * 1000)
      const addresses = signedAddresses({ config: house.config, asset, expiresAt })
      const [view] = await viewAssets(house.db, addresses, [asset])
      if (view === undefined) throw noAsset(asset.id)
      const { playback, thumbnails, storyboard, images, srcset, audio } = view
      return reply
        .header('cache-control', 'no-store')
        .send({ expiresAt: expiresAt.toISOString(), playback, thumbnails, storyboard, images, srcset, audio })
    })
  }
}
