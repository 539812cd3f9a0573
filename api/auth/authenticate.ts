import type { FastifyRequest } from 'fastify'
import { isLoopback } from '../../core/config.ts'
import { findKey, type Scope, scopes } from '../../core/db/keys.ts'
import { SluiceError } from '../../core/errors.ts'
import type { ApiHouse } from '../house.ts'

/** On whose behalf a request acts, and what it may do. */
type Caller = { tenant: string; scopes: readonly string[] }

/** Who calls, or `unauthorized`. With AUTH=none everybody on this machine is the tenant `default`. */
async function authenticate(house: Pick<ApiHouse, 'config' | 'db'>, request: FastifyRequest): Promise<Caller> {
  if (house.config.AUTH === 'none') {
    refuseOtherSites(request)
    return { tenant: 'default', scopes }
  }
  const [, secret] = /^Bearer +(sl_[\w-]{20,100})$/i.exec(request.headers.authorization ?? '') ?? []
  const key = secret === undefined ? undefined : await findKey(house.db, secret)
  if (key === undefined) throw new SluiceError('unauthorized', { message: 'no valid API key came with the request' })
  return { tenant: key.tenant, scopes: key.scopes }
}

/** Who calls, where they may: else `unauthorized` or `forbidden`. */
export async function callerWith(
  house: Pick<ApiHouse, 'config' | 'db'>,
  request: FastifyRequest,
  scope: Scope,
): Promise<Caller> {
  const caller = await authenticate(house, request)
  if (caller.scopes.includes(scope) || caller.scopes.includes('admin')) return caller
  throw new SluiceError('forbidden', {
    message: `the key lacks the scope ${scope}`,
    publicMessage: `This key lacks the scope "${scope}".`,
  })
}

/** Without keys, a page of another site in the operator's own browser is the stranger to keep out: by DNS rebinding (Host) or a plain form (Origin). */
function refuseOtherSites(request: FastifyRequest): void {
  const host = request.headers.host ?? ''
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  const origin = request.headers.origin
  if (isLoopback(name) && (origin === undefined || URL.parse(origin)?.host === host)) return
  throw new SluiceError('forbidden', {
    message: `host ${host}, origin ${origin}`,
    publicMessage: 'Without API keys only this machine, under its own name, may call.',
  })
}
