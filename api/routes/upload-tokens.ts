import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { checkProfile } from '../../core/accept.ts'
import { createUploadToken } from '../../core/db/upload-tokens.ts'
import { acceptPattern } from '../../core/media/accepted-types.ts'
import { metadata, profileName } from '../../queues/payloads.ts'
import { callerWith } from '../auth/authenticate.ts'
import type { ApiHouse } from '../house.ts'
import { parseInput } from '../parse.ts'

const aWeek = 7 * 86_400

/** `most`: how many bytes anybody may send here. */
export const tokenWish = (most: number) =>
  z.strictObject({
    expiresIn: z.number().int().min(1).max(aWeek).default(3_600),
    maxBytes: z.number().int().min(1).max(most).default(most),
    accept: z.array(z.string().regex(acceptPattern, 'wants types like video/* or image/png')).min(1).max(50).optional(),
    profile: profileName.optional(),
    metadata: metadata.optional(),
  })

/** `POST /v1/upload-tokens`: leave for a browser to make one upload. */
export function uploadTokenRoutes(house: ApiHouse): FastifyPluginAsyncZod {
  const { MAX_UPLOAD_BYTES: most, profiles } = house.config
  const wishes = tokenWish(most)
  return async (app) => {
    app.post('/v1/upload-tokens', async (request, reply) => {
      const { tenant } = await callerWith(house, request, 'uploads')
      const wished = parseInput(wishes, request.body ?? {})
      checkProfile(wished.profile, profiles)
      const { id, token, expiresAt } = await createUploadToken(house.db, { tenant, ...wished })
      return reply
        .status(201)
        .header('cache-control', 'no-store')
        .send({ id, token, expiresAt: expiresAt.toISOString() })
    })
  }
}
