import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * An answer that is given while the process stops ends its connection too; kept open, it would hold the process up for as
 * long as its caller likes. So would connections that were opened ahead of need, as browsers do, and never asked anything.
 */
export function closeWithLastAnswers(app: Pick<FastifyInstance, 'addHook' | 'server'>): void {
  const unused = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  app.server.on('request', ({ socket }) => unused.delete(socket))
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
    for (const socket of unused) socket.destroy()
  })
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close')
  })
}
