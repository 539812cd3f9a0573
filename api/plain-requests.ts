import type { FastifyInstance, FastifyRequest } from 'fastify'
import { SluiceError } from '../core/errors.ts'

/** Bodies are taken as they come: one that says it is encoded would be kept, or read, as what it is not. And a request has one host. */
export function takePlainRequests(app: Pick<FastifyInstance, 'addHook'>): void {
  app.addHook('onRequest', async (request, reply) => {
    const encoding = request.headers['content-encoding'] ?? 'identity'
    if (encoding.trim().toLowerCase() !== 'identity') {
      reply.header('accept-encoding', 'identity')
      throw new SluiceError('unsupported_media_type', {
        message: `Content-Encoding: ${encoding.slice(0, 80)}`,
        publicMessage: 'A body is sent as it is, without Content-Encoding.',
      })
    }
    if (hostsOf(request) > 1)
      throw new SluiceError('malformed_request', { message: 'Host twice', publicMessage: 'A request has one Host.' })
  })
}

/** Node takes the first; whoever stands between the caller and us may have taken another. */
const hostsOf = ({ raw }: FastifyRequest) =>
  raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length
