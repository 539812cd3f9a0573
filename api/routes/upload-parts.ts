import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerForUpload } from '../auth/authenticate.ts'
import type { ApiHouse } from '../house.ts'
import { parseInput } from '../parse.ts'
import { directOff } from '../uploads/new-upload.ts'
import { partAddresses } from '../uploads/part-addresses.ts'
import { openUpload } from '../uploads/the-upload.ts'

const schema = { params: z.object({ id: z.string() }) }
export const wantedParts = z.strictObject({ partNumbers: z.array(z.int().min(1).max(10_000)).min(1).max(100) })

/** Where the parts of a direct upload may be put. */
export function uploadPartRoutes(house: ApiHouse): FastifyPluginAsyncZod {
  return async (app) => {
    app.post('/v1/uploads/:id/parts', { schema }, async (request, reply) => {
      const caller = await callerForUpload(house, request)
      const { partNumbers } = parseInput(wantedParts, request.body)
      const upload = await openUpload(house, { id: request.params.id, caller, protocol: 'direct' })
      if (!house.config.DIRECT_UPLOADS) throw directOff()
      const data = await partAddresses(house, upload, [...new Set(partNumbers)])
      // They open something to anybody who has them.
      return reply.header('cache-control', 'no-store').send({ data })
    })
  }
}
