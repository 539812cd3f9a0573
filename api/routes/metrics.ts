import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { SluiceError } from '../../core/errors.ts'
import { bearsToken } from '../../core/metrics/sent-token.ts'
import { callerWith } from '../auth/authenticate.ts'
import { countWrongCredential, refuseGuesser } from '../auth/door.ts'
import type { ComponentCheck } from '../components.ts'
import type { ApiHouse } from '../house.ts'
import { houseLook } from '../metrics/house-look.ts'

/** `GET /metrics`, for whoever has METRICS_TOKEN or a key of scope `admin`; with AUTH=none and no token, for this machine. */
export function metricsRoutes(house: ApiHouse, check: ComponentCheck): FastifyPluginAsync {
  const { registry, gauges } = house.meters
  const look = houseLook(house, { check, gauges })
  return async (app) => {
    app.get('/metrics', async (request, reply) => {
      await requireWatcher(house, request, reply)
      await look()
      reply.headers({ 'content-type': registry.contentType, 'cache-control': 'no-store' })
      return reply.send(await registry.metrics())
    })
  }
}

/** A token may be short enough to be guessed, so wrong ones are counted by where they come from. */
async function requireWatcher(house: ApiHouse, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { METRICS_TOKEN: token, AUTH } = house.config
  if (token !== undefined) {
    refuseGuesser(house, request, reply)
    if (bearsToken(request.headers.authorization, token)) return
  }
  try {
    if (token !== undefined && AUTH === 'none') throw new SluiceError('unauthorized', { message: 'no METRICS_TOKEN' })
    await callerWith(house, request, 'admin')
  } catch (error) {
    if (error instanceof SluiceError && error.status === 401) await countWrongCredential(house, request, reply)
    throw error
  }
}
