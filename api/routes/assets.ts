import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { assetKinds, assetStatuses } from '../../core/asset.ts'
import { newAssetView } from '../../core/asset-view.ts'
import { viewAssets } from '../../core/db/asset-views.ts'
import { type Asset, listAssets } from '../../core/db/assets.ts'
import { externalId } from '../../queues/payloads.ts'
import { accept } from '../accept.ts'
import { assetWaits } from '../asset-waits.ts'
import { callerForUpload, callerWith } from '../auth/authenticate.ts'
import { callerGone } from '../caller-gone.ts'
import { cursorOf, idOf } from '../cursor.ts'
import type { ApiHouse } from '../house.ts'
import { idFor } from '../once/once.ts'
import { parseInput } from '../parse.ts'
import { preferredWait } from '../prefer-wait.ts'
import { assetFromForm } from './asset-from-form.ts'
import { assetBody, assetFromSource } from './asset-from-source.ts'
import { theAsset } from './the-asset.ts'

/** Nothing more happens to these by itself. */
const ended: ReadonlySet<Asset['status']> = new Set(['ready', 'failed', 'cancelled'])
const assetId = z.object({ id: z.string() })
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().transform(idOf).optional(),
  status: z.enum(assetStatuses).optional(),
  kind: z.enum(assetKinds).optional(),
  externalId: externalId.optional(),
  createdAfter: time.optional(),
  createdBefore: time.optional(),
})

/** `/v1/assets`: how things come in, and what has become of them. */
export function assetRoutes(house: ApiHouse): FastifyPluginAsyncZod {
  const view = async (asset: Asset) => (await viewAssets(house.db, house.storage, [asset]))[0]
  const callerOf = (request: FastifyRequest) => callerWith(house, request, 'assets')

  const waits = assetWaits(house)

  return async (app) => {
    app.addHook('preClose', async () => waits.close())

    app.post('/v1/assets', async (request, reply) => {
      const [id, gone] = [idFor(request), callerGone(reply)]
      const caller = request.isMultipart() ? await callerForUpload(house, request) : await callerOf(request)
      const { tenant } = caller
      const { asset, created } = request.isMultipart()
        ? await assetFromForm(house, { request, gone, id, caller })
        : await accept(house, await assetFromSource(house, { body: parseInput(assetBody, request.body), id, caller }))
      // By its external id. What an earlier try of this very request made was not there before.
      if (asset.id !== id) reply.header('asset-existed', 'true')
      reply.status(202).header('location', `/v1/assets/${asset.id}`)
      const seconds = preferredWait(request.headers['prefer'])
      if (seconds === undefined)
        return reply.send(created ? newAssetView({ asset, storage: house.storage }) : await view(asset))
      await waits.ended({ id: asset.id, ms: seconds * 1_000, gone })
      const now = await theAsset(house, { id: asset.id, tenant })
      if (ended.has(now.status)) reply.status(200)
      return reply.header('preference-applied', `wait=${seconds}`).send(await view(now))
    })

    app.get('/v1/assets', { schema: { querystring: listQuery } }, async (request) => {
      const { tenant } = await callerOf(request)
      const { cursor, limit, ...filter } = request.query
      const assets = await listAssets(house.db, { ...filter, tenant, after: cursor, limit: limit + 1 })
      const page = assets.slice(0, limit)
      const last = assets.length > limit ? page.at(-1) : undefined
      return { data: await viewAssets(house.db, house.storage, page), nextCursor: last ? cursorOf(last.id) : null }
    })

    app.get('/v1/assets/:id', { schema: { params: assetId } }, async (request) => {
      const { tenant } = await callerOf(request)
      return view(await theAsset(house, { id: request.params.id, tenant }))
    })
  }
}
