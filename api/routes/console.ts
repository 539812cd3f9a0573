import { createReadStream, readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyPluginAsync } from 'fastify'
import { errorCodes } from '../../core/error-codes.ts'

const folder = fileURLToPath(new URL('../console/', import.meta.url))
const { resolve } = createRequire(import.meta.url)

const script = 'text/javascript; charset=utf-8'
const types: Record<string, string> = { '.js': script, '.css': 'text/css; charset=utf-8' }

type Served = { file: string; type: string }

/** The page's own files and nothing else: a list that is made once, so no request names a path. */
function filesOfThePage(): Record<string, Served> {
  const own = readdirSync(folder).flatMap((name): [string, Served][] => {
    const type = types[path.extname(name)]
    return type === undefined ? [] : [[`/console/${name}`, { file: path.join(folder, name), type }]]
  })
  return {
    '/': { file: path.join(folder, 'index.html'), type: 'text/html; charset=utf-8' },
    '/console/hls.js': { file: resolve('hls.js/dist/hls.min.js'), type: script },
    '/console/tus.js': { file: resolve('tus-js-client/dist/tus.min.js'), type: script },
    ...Object.fromEntries(own),
  }
}

/** What `docs/errors.md` says of each code, for people who see one. */
const remedies = Object.fromEntries(
  Object.entries(errorCodes).map(([code, { title, remedy }]) => [code, { title, remedy }]),
)

/** The console talks to its own origin; media may lie on another. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self' https: http:",
  "img-src 'self' data: https: http:",
  "media-src 'self' blob: https: http:",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** `/`: drop a file, watch it, play it. */
export const consoleRoutes: FastifyPluginAsync = async (app) => {
  app.get('/console/remedies.json', async (_request, reply) => reply.header('cache-control', 'no-cache').send(remedies))
  for (const [route, { file, type }] of Object.entries(filesOfThePage())) {
    app.get(route, async (request, reply) => {
      const { size, mtimeMs } = await stat(file)
      const etag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`
      // With every answer, also where nothing changed: a browser takes the headers of a 304 over those that it kept.
      reply.headers({
        etag,
        'cache-control': 'no-cache',
        'content-security-policy': policy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
      if (request.headers['if-none-match'] === etag) return reply.status(304).send()
      return reply.header('content-length', size).type(type).send(createReadStream(file))
    })
  }
}
