import type { FastifyInstance, FastifyRequest } from 'fastify'
import { SluiceError } from '../core/errors.ts'
import { parseStrictJson, StrangeJson } from '../core/strict-json.ts'
import { invalid } from './parse.ts'

/** Takes JSON that every parser would read alike; none at all is none. In place of Fastify's own parser, which is more forgiving. */
export function takeStrictJson(app: FastifyInstance): void {
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    refuseOtherCharset(request.headers['content-type'] ?? '')
    if (body.length === 0) return undefined
    try {
      return parseStrictJson(body)
    } catch (error) {
      if (!(error instanceof StrangeJson)) throw error
      if (error.path !== undefined) throw invalid([{ path: error.path, message: error.message }])
      throw new SluiceError('malformed_request', { message: error.message, publicMessage: error.message })
    }
  })
}

function refuseOtherCharset(type: string): void {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type) ?? []
  if (charset === undefined || /^utf-?8$/i.test(charset)) return
  throw new SluiceError('unsupported_media_type', { message: `JSON in ${charset}`, publicMessage: 'JSON is in UTF-8.' })
}
