import type { FastifyInstance } from 'fastify'

/** An answer that is given while the process stops ends its connection too; kept open, it would hold the process up for as long as its caller likes. */
export function closeWithLastAnswers(app: Pick<FastifyInstance, 'addHook'>): void {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close')
  })
}
