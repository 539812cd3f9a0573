import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyPluginAsync } from 'fastify'

const folder = fileURLToPath(new URL('../console/', import.meta.url))
const player = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js')

const script = 'text/javascript; charset=utf-8'
const style = 'text/css; charset=utf-8'
const scripts = [
  ...['api', 'app', 'asset-row', 'copy', 'dom', 'intake', 'list', 'live', 'player', 'stage'],
  ...['upload-row', 'uploads', 'words'],
]
const styles = ['page', 'rows', 'style', 'viewer']

const own = (names: string[], ending: string, type: string) =>
  names.map((name) => [`/console/${name}${ending}`, { file: path.join(folder, `${name}${ending}`), type }] as const)

/** The page's own files and nothing else: a list, so no request names a path. */
const files: Record<string, { file: string; type: string }> = {
  '/': { file: path.join(folder, 'index.html'), type: 'text/html; charset=utf-8' },
  '/console/hls.js': { file: player, type: script },
  ...Object.fromEntries([...own(scripts, '.js', script), ...own(styles, '.css', style)]),
}

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
  for (const [route, { file, type }] of Object.entries(files)) {
    app.get(route, async (request, reply) => {
      const { size, mtimeMs } = await stat(file)
      const etag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`
      reply.header('etag', etag).header('cache-control', 'no-cache')
      if (request.headers['if-none-match'] === etag) return reply.status(304).send()
      return reply
        .headers({
          'content-security-policy': policy,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
        })
        .header('content-length', size)
        .type(type)
        .send(createReadStream(file))
    })
  }
}
