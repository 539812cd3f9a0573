import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { tenantOfUpload } from '../../core/db/uploads.ts'
import { SluiceError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { signingSecretOf } from '../../core/signing-secret.ts'
import { callerForUpload } from '../auth/authenticate.ts'
import { callerGone } from '../caller-gone.ts'
import type { ApiHouse } from '../house.ts'
import { partAddressHolds } from '../uploads/part-address.ts'
import { receiveChunk } from '../uploads/receive-chunk.ts'
import { receivePart } from '../uploads/receive-part.ts'
import { openUpload } from '../uploads/the-upload.ts'

const number = z
  .string()
  .regex(/^\d{1,6}$/, 'wants a number')
  .transform(Number)
const params = z.object({ id: z.string(), index: number })
const partParams = z.object({ id: z.string(), number })
const querystring = z.object({ exp: z.string().optional(), sig: z.string().optional() })

/** The bytes of chunks. They come under any type or none, and are never held whole: the route reads them as they come. */
export function uploadChunkRoutes(house: ApiHouse): FastifyPluginAsyncZod {
  return async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _body, done) => done(null))

    app.put('/v1/uploads/:id/chunks/:index', { schema: { params } }, async (request, reply) => {
      const caller = await callerForUpload(house, request)
      const { id, index } = request.params
      const upload = await openUpload(house, { id, caller, protocol: 'chunks' })
      await receiveChunk({ house, request, upload, number: index, gone: callerGone(reply) })
      return reply.status(204).send()
    })

    // Without a key: the address itself is the right to put this one part.
    app.put(
      '/v1/uploads/:id/parts/:number',
      { schema: { params: partParams, querystring }, config: { ownDoor: true } },
      async (request, reply) => {
        const { id, number } = request.params
        const upload = await signedUpload(house, { ...request.query, uploadId: id, partNumber: number })
        const etag = await receivePart({ house, request, upload, number, gone: callerGone(reply) })
        return reply.status(200).header('etag', etag).send()
      },
    )
  }
}

type Address = { uploadId: string; partNumber: number; exp?: string | undefined; sig?: string | undefined }

/** Whoever has no right to an address hears what everybody without a key does. */
async function signedUpload(house: ApiHouse, { exp, sig, ...part }: Address) {
  const secret = signingSecretOf(house.config)
  const holds = isId(part.uploadId) && partAddressHolds({ secret, part, exp, sig, now: Date.now() })
  const tenant = holds ? await tenantOfUpload(house.db, part.uploadId) : undefined
  if (tenant === undefined)
    throw new SluiceError('unauthorized', { message: 'the signature of the address is not valid' })
  return openUpload(house, { id: part.uploadId, caller: { tenant }, protocol: 'direct' })
}
