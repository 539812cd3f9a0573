import { hash, timingSafeEqual } from 'node:crypto'
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { Queue } from 'bullmq'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { SluiceError } from '../../core/errors.ts'
import { redactDeep } from '../../core/logger.ts'
import { callerWith } from '../auth/authenticate.ts'
import { countWrongCredential, refuseGuesser } from '../auth/door.ts'
import type { ApiHouse } from '../house.ts'
import { sendProblem } from '../problem.ts'

const path = '/admin/queues'

/** Bull Board, for operators alone: with a key of scope `admin`, or as `admin` with ADMIN_PASSWORD. */
export function boardRoutes(house: ApiHouse): FastifyPluginAsync {
  const board = new FastifyAdapter()
  board.setBasePath(path)
  // The handle is a BullMQ queue on either backend; the board wants the class by its name.
  const queues = [...house.sender.queues.values()].map((queue) => adapted(queue as Queue, house))
  createBullBoard({ queues, serverAdapter: board, options: { uiConfig: { boardTitle: 'Sluice' } } })
  return async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      reply.header(
        'content-security-policy',
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; script-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
      )
      try {
        refuseForgery(request)
        await requireOperator(house, request, reply)
      } catch (error) {
        // The board has an error handler of its own, which would make a 500 of this.
        return sendProblem(await afterCounting(house, { error, request, reply }), request, reply)
      }
    })
    await app.register(board.registerPlugin(), { prefix: path })
  }
}

/** Jobs of the intake hold addresses, and those may be signed: operators see where from, and not the signature. */
function adapted(queue: Queue, { config }: ApiHouse): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, { readOnlyMode: config.BOARD_READ_ONLY })
  adapter.setFormatter('data', redactDeep)
  return adapter
}

/** A password may be short enough to be guessed, if one may guess fast. */
async function afterCounting(
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

async function requireOperator(house: ApiHouse, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { ADMIN_PASSWORD: password, AUTH } = house.config
  const [, basic] = /^Basic +([\w+/=]{1,400})$/i.exec(request.headers.authorization ?? '') ?? []
  if (basic !== undefined && password !== undefined && AUTH !== 'none') {
    refuseGuesser(house, request, reply)
    if (sameText(Buffer.from(basic, 'base64').toString(), `admin:${password}`)) return
    throw new SluiceError('unauthorized', { message: 'wrong admin password' })
  }
  await callerWith(house, request, 'admin')
}

/** A browser sends its basic credentials along from any page, so a page of another site must not press buttons here. */
function refuseForgery(request: FastifyRequest): void {
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

const digest = (text: string) => hash('sha256', text, 'buffer')
const sameText = (a: string, b: string) => timingSafeEqual(digest(a), digest(b))
