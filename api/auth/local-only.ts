import type { FastifyRequest } from 'fastify'
import { SluiceError } from '../../core/errors.ts'
import { isOurOwnName } from '../../core/own-name.ts'

/**
 * Without keys, a page of another site in the operator's own browser is the stranger to keep out: one that reached us by DNS
 * rebinding is betrayed by its Host, one that posts a plain form by its Origin. Pages that CORS_ORIGINS names are no strangers.
 */
export function refuseOtherSites(request: FastifyRequest, allowed: readonly string[]): void {
  const { host = '', origin } = request.headers
  const sameOrigin = origin === undefined || URL.parse(origin)?.host === host.toLowerCase()
  if (isOurOwnName(host) && (sameOrigin || (origin !== undefined && allowed.includes(origin)))) return
  throw new SluiceError('forbidden', {
    message: `host ${host.slice(0, 200)}, origin ${origin?.slice(0, 200)}`,
    publicMessage: 'Without API keys only this machine, under its own name, may call.',
  })
}
