import type { FastifyInstance } from 'fastify'

/** Long enough for an answer to be read by a client that is still sending, which might not hear it after a hang-up. */
const lingerMs = 5_000

/**
 * Of a body that was refused half-way, the rest is let past for a moment, and then its connection ends. Left unread it
 * would hold the connection for as long as its sender likes, and nobody would see that the sender has gone.
 */
export function letGoOfUnreadBodies(app: Pick<FastifyInstance, 'addHook'>): void {
  app.addHook('onResponse', async ({ raw }) => {
    if (raw.complete || raw.destroyed) return
    raw.resume()
    setTimeout(() => raw.complete || raw.destroy(), lingerMs).unref()
  })
}
