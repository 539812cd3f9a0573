import { createBullBoard } from '@bull-board/api'
import { FastifyAdapter } from '@bull-board/fastify'
import type { Queue } from 'bullmq'
import type { FastifyPluginAsync } from 'fastify'
import { boardQueue } from '../board/board-queue.ts'
import { boardLooks } from '../board/looks.ts'
import { afterCounting, refuseForgery, requireOperator } from '../board/operator.ts'
import { onlyAllowedOrders } from '../board/orders.ts'
import type { ApiHouse } from '../house.ts'
import { sendProblem } from '../problem.ts'

const path = '/admin/queues'

/** Its styles are set from scripts; nothing comes from, or goes to, another host. */
const policy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "script-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Bull Board, for operators alone: with a key of scope `admin`, or as `admin` with ADMIN_PASSWORD. */
export function boardRoutes(house: ApiHouse): FastifyPluginAsync {
  const board = new FastifyAdapter()
  board.setBasePath(path)
  // The handle is a BullMQ queue on either backend; the board wants the class by its name.
  const queues = [...house.sender.queues.values()].map((queue) => boardQueue(queue as Queue, house))
  createBullBoard({
    queues,
    serverAdapter: board,
    options: { uiConfig: boardLooks, handlerHooks: { before: onlyAllowedOrders } },
  })
  return async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      reply.header('content-security-policy', policy)
      try {
        refuseForgery(request)
        await requireOperator(house, request, reply)
      } catch (error) {
        // The board has an error handler of its own, which would make a 500 of this.
        return sendProblem(await afterCounting(house, { error, request, reply }), request, reply)
      }
    })
    // Its page asks another host for letters; ours are those of the machine.
    app.addHook('onSend', async (_request, reply, payload) =>
      typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')
        ? payload.replace(/<link [^>]*href="https:[^>]*>/g, '')
        : payload,
    )
    await app.register(board.registerPlugin(), { prefix: path })
  }
}
