import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Cause } from '../../core/accept.ts'
import { abandonUpload } from '../../core/db/asset-endings.ts'
import { viewAssets } from '../../core/db/asset-views.ts'
import { findAsset } from '../../core/db/assets.ts'
import { callerForUpload } from '../auth/authenticate.ts'
import type { ApiHouse } from '../house.ts'
import { idFor } from '../once/once.ts'
import { invalid, parseInput } from '../parse.ts'
import { causeOf } from '../trace-requests.ts'
import type { ListedPart } from '../uploads/check-parts.ts'
import { chunksThere } from '../uploads/chunks-there.ts'
import { completeChunks } from '../uploads/complete-chunks.ts'
import { completeDirect } from '../uploads/complete-direct.ts'
import { beginUpload, uploadWish } from '../uploads/new-upload.ts'
import { type ChunkUpload, conflict, theUpload, uploadOver } from '../uploads/the-upload.ts'
import { uploadView } from '../uploads/upload-view.ts'

export const completion = z.strictObject({
  parts: z
    .array(z.strictObject({ partNumber: z.int().min(1).max(10_000), etag: z.string().min(1).max(200) }))
    .min(1)
    .max(10_000)
    .optional(),
})
const schema = { params: z.object({ id: z.string() }) }

/** `/v1/uploads`: an upload in chunks, from its beginning to its asset. */
export function uploadRoutes(house: ApiHouse): FastifyPluginAsyncZod {
  const callerOf = (request: FastifyRequest) => callerForUpload(house, request)
  const named = async (request: FastifyRequest<{ Params: { id: string } }>) =>
    theUpload(house, { id: request.params.id, caller: await callerOf(request) })
  const view = async (upload: ChunkUpload) => uploadView(upload, await chunksThere(house, upload))

  return async (app) => {
    app.post('/v1/uploads', async (request, reply) => {
      const caller = await callerOf(request)
      const wish = parseInput(uploadWish, request.body)
      const { upload, created } = await beginUpload({ house, id: idFor(request), caller, wish })
      return reply
        .status(created ? 201 : 200)
        .headers({ location: `/v1/uploads/${upload.id}`, 'asset-id': upload.id })
        .send(await view(upload))
    })

    app.get('/v1/uploads/:id', { schema }, async (request) => {
      return view(await named(request))
    })

    app.post('/v1/uploads/:id/complete', { schema }, async (request, reply) => {
      const upload = await named(request)
      const { parts } = parseInput(completion, request.body ?? {})
      if (upload.status === 'open') await complete(house, { upload, parts, cause: causeOf(request) })
      const asset = await findAsset(house.db, upload)
      // Also where another gave it up in the very moment.
      if (asset === undefined || asset.status === 'cancelled') throw uploadOver(upload.id)
      const [body] = await viewAssets(house.db, house.storage, [asset])
      return reply.status(202).header('location', `/v1/assets/${asset.id}`).send(body)
    })

    app.delete('/v1/uploads/:id', { schema }, async (request, reply) => {
      const upload = await named(request)
      const done = upload.status === 'done' || !(await abandonUpload(house.db, upload))
      if (done) throw conflict('This upload is complete: delete its asset instead.', { assetId: upload.id })
      return reply.status(204).send()
    })
  }
}

type Completing = { upload: ChunkUpload; parts: ListedPart[] | undefined; cause: Cause }

async function complete(house: ApiHouse, { upload, parts, cause }: Completing): Promise<void> {
  const direct = upload.protocol === 'direct'
  if (direct !== (parts !== undefined)) {
    const message = direct ? 'is wanted: the number and the etag of each' : 'is for direct uploads'
    throw invalid([{ path: 'parts', message }])
  }
  await (parts ? completeDirect(house, { upload, listed: parts, cause }) : completeChunks(house, { upload, cause }))
}
