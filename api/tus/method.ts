import type { FastifyRequest } from 'fastify'

/** What tus does with an address. GET is none of it. */
export const tusMethods = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'] as const
export type TusMethod = (typeof tusMethods)[number]

/** The method that counts: some clients and proxies know few, and name the right one in a header. */
export function methodOf(request: FastifyRequest): TusMethod | undefined {
  const said = request.headers['x-http-method-override']
  const name = typeof said === 'string' ? said.trim().toUpperCase() : request.method
  return tusMethods.find((method) => method === name)
}
