import type { FastifyRequest } from 'fastify'
import { findUploadToken, type UploadToken } from '../../core/db/upload-tokens.ts'
import { SluiceError } from '../../core/errors.ts'
import { type Scope, scopes } from '../../core/scopes.ts'
import type { ApiHouse } from '../house.ts'
import { causeOf } from '../trace-requests.ts'
import { bearerOf, type Caller } from './caller.ts'
import { refuseOtherSites } from './local-only.ts'

export type { Caller } from './caller.ts'

type Doorkeeper = Pick<ApiHouse, 'config' | 'db' | 'access'>

const known = new WeakMap<FastifyRequest, Promise<Caller>>()

/** Who calls, or `unauthorized`; found out once for a request. With AUTH=none everybody on this machine is the tenant `default`. */
export function callerOf(house: Doorkeeper, request: FastifyRequest): Promise<Caller> {
  const before = known.get(request)
  if (before !== undefined) return before
  const caller = authenticate(house, request).then((who) => ({ ...who, cause: causeOf(request) }))
  known.set(request, caller)
  return caller
}

/** Who calls, where they may: else `unauthorized` or `forbidden`. */
export async function callerWith(house: Doorkeeper, request: FastifyRequest, scope: Scope): Promise<Caller> {
  const caller = await callerOf(house, request)
  return requireScope(caller, [scope])
}

/** Whether whoever began a long answer could begin it now. Who cannot be asked about for the moment may. */
export async function mayStill(house: Doorkeeper, request: FastifyRequest, scope: Scope): Promise<boolean> {
  try {
    requireScope(await authenticate(house, request), [scope])
    return true
  } catch (error) {
    return !(error instanceof SluiceError && (error.code === 'unauthorized' || error.code === 'forbidden'))
  }
}

/** Who uploads: a key for uploads or assets, or the holder of a token for one upload, who is held to its terms (`token-terms.ts`). */
export async function callerForUpload(house: Doorkeeper, request: FastifyRequest): Promise<Caller> {
  const caller = await callerOf(house, request)
  return caller.uploadToken === undefined ? requireScope(caller, ['uploads', 'assets']) : caller
}

function requireScope(caller: Caller, wanted: Scope[]): Caller {
  if (wanted.some((scope) => caller.scopes.includes(scope)) || caller.scopes.includes('admin')) return caller
  throw new SluiceError('forbidden', {
    message: `${caller.subject} lacks the scope ${wanted.join(' or ')}`,
    publicMessage: `This key lacks the scope "${wanted[0]}".`,
  })
}

async function authenticate(house: Doorkeeper, request: FastifyRequest): Promise<Caller> {
  if (house.config.AUTH === 'none') {
    refuseOtherSites(request, house.config.CORS_ORIGINS)
    return { tenant: 'default', scopes, subject: undefined }
  }
  const bearer = bearerOf(request)
  const caller = bearer === undefined ? undefined : await callerBy(house, bearer)
  if (caller === undefined) throw new SluiceError('unauthorized', { message: 'no valid credentials came along' })
  return caller
}

/** A credential says by its looks what it is. Whatever is wrong with it, the answer is the same. */
async function callerBy({ access, db }: Doorkeeper, bearer: string): Promise<Caller | undefined> {
  if (/^sl_[\w-]{20,100}$/.test(bearer)) {
    const key = await access.findKey(bearer)
    return key && { tenant: key.tenant, scopes: key.scopes, subject: `key:${key.id}`, keyId: key.id }
  }
  if (/^slu_[\w-]{20,100}$/.test(bearer)) {
    const token = await findUploadToken(db, bearer)
    return token && callerByToken(token)
  }
  return access.readJwt?.(bearer)
}

function callerByToken(token: UploadToken): Caller {
  return {
    tenant: token.tenant,
    scopes: [],
    subject: `token:${token.id}`,
    uploadToken: {
      id: token.id,
      maxBytes: token.max_bytes,
      accept: token.accept ?? undefined,
      profile: token.profile ?? undefined,
      metadata: token.metadata,
      assetId: token.asset_id ?? undefined,
    },
  }
}
