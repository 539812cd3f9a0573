import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { assetKinds, assetStatuses } from '../../core/asset.ts'
import { viewAssets } from '../../core/db/asset-views.ts'
import { type Asset, listAssets } from '../../core/db/assets.ts'
import { filenameOf } from '../../core/net/filename.ts'
import { checkUrl } from '../../core/net/url.ts'
import { assetFields, externalId } from '../../queues/payloads.ts'
import { accept } from '../accept.ts'
import { callerForUpload, callerWith } from '../auth/authenticate.ts'
import { callerGone } from '../caller-gone.ts'
import { cursorOf, idOf } from '../cursor.ts'
import type { ApiHouse } from '../house.ts'
import { idFor } from '../once/once.ts'
import { parseInput } from '../parse.ts'
import { assetFromForm } from './asset-from-form.ts'
import { theAsset } from './the-asset.ts'

const newAsset = assetFields.extend({ source: z.strictObject({ url: z.string().min(1).max(8_192) }) })
const assetId = z.object({ id: z.string() })
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
const listQuery = z.strictObject({
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

  return async (app) => {
    app.post('/v1/assets', async (request, reply) => {
      const id = idFor(request)
      const accepted = request.isMultipart()
        ? await assetFromForm(house, {
            request,
            gone: callerGone(reply),
            id,
            caller: await callerForUpload(house, request),
          })
        : await assetFromAddress(house, parseInput(newAsset, request.body), {
            id,
            tenant: (await callerOf(request)).tenant,
          })
      // By its external id. What an earlier try of this very request made was not there before.
      if (accepted.asset.id !== id) reply.header('asset-existed', 'true')
      return reply
        .status(202)
        .header('location', `/v1/assets/${accepted.asset.id}`)
        .send(await view(accepted.asset))
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

type For = { id: string; tenant: string }

async function assetFromAddress(house: ApiHouse, body: z.infer<typeof newAsset>, { id, tenant }: For) {
  const { source, ...fields } = body
  const url = checkUrl(source.url, { allow: house.config.FETCH_ALLOW })
  return accept(house, {
    id,
    tenant,
    ...fields,
    source: { type: 'url', url: url.href, filename: filenameOf({ disposition: undefined, url }) },
  })
}
