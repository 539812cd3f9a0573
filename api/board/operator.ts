import type { FastifyReply, FastifyRequest } from 'fastify'
import { SluiceError } from '../../core/errors.ts'
import { isSameText } from '../../core/same-text.ts'
import { callerWith } from '../auth/authenticate.ts'
import { countWrongCredential, refuseGuesser } from '../auth/door.ts'
import type { ApiHouse } from '../house.ts'

/** A key of scope `admin`, or `admin` with ADMIN_PASSWORD. Browsers ask for a name and a password: a key may stand for that. */
export async function requireOperator(house: ApiHouse, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { ADMIN_PASSWORD: password, AUTH } = house.config
  const [, basic] = /^Basic +([\w+/=]{1,12000})$/i.exec(request.headers.authorization ?? '') ?? []
  if (basic !== undefined && AUTH !== 'none') {
    const said = Buffer.from(basic, 'base64').toString()
    if (password !== undefined && said.startsWith('admin:')) {
      refuseGuesser(house, request, reply)
      if (isSameText(said, `admin:${password}`)) return
    }
    request.headers.authorization = `Bearer ${said.slice(said.indexOf(':') + 1)}`
  }
  await callerWith(house, request, 'admin')
}

/** A password may be short enough to be guessed, if one may guess fast. Gives what is to be answered. */
export async function afterCounting(
  house: ApiHouse,
  { error, request, reply }: { error: unknown; request: FastifyRequest; reply: FastifyReply },
): Promise<unknown> {
  if (!(error instanceof SluiceError && error.status === 401)) return error
  reply.header('www-authenticate', 'Basic realm="sluice"')
  return countWrongCredential(house, request, reply).then(
    () => error,
    (limited: unknown) => limited,
  )
}

/** A browser sends its basic credentials along from any page, so a page of another site must not press buttons here. */
export function refuseForgery(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const site = request.headers['sec-fetch-site']
  const origin = request.headers.origin
  if (
    (site === undefined || site === 'same-origin') &&
    (origin === undefined || URL.parse(origin)?.host === request.headers.host)
  )
    return
  throw new SluiceError('forbidden', {
    message: `board called from ${origin}`,
    publicMessage: 'The board takes orders from its own page alone.',
  })
}
