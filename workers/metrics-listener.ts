import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Registry } from '../core/metrics/registry.ts'
import { bearsToken } from '../core/metrics/sent-token.ts'
import { isOurOwnName } from '../core/own-name.ts'

type Options = { host: string; port: number; token: string | undefined; registry: Registry }

/** A worker's own small door: `/metrics` for whoever has the token, where there is one, and `/live`. The caller closes it. */
export async function listenForScrapes(options: Options): Promise<{ close(): Promise<void> }> {
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    answer(options, request, response).catch(() => response.destroy())
  })
  server.maxConnections = 64
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer({ token, registry }: Options, request: IncomingMessage, response: ServerResponse) {
  const path = request.url?.split('?', 1)[0]
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (reads && path === '/live') return say(response, 200, 'application/json', '{"status":"up"}')
  if (!reads || path !== '/metrics') return say(response, 404, 'text/plain', 'Nothing is here\n')
  // Without a token it listens on this machine alone; a page that got here by DNS rebinding is betrayed by its Host.
  if (token === undefined && !isOurOwnName(request.headers.host ?? ''))
    return say(response, 403, 'text/plain', 'Only this machine, under its own name, may look\n')
  if (token !== undefined && !bearsToken(request.headers.authorization, token)) {
    response.setHeader('www-authenticate', 'Bearer realm="sluice"')
    return say(response, 401, 'text/plain', 'METRICS_TOKEN is wanted\n')
  }
  say(response, 200, registry.contentType, await registry.metrics())
}

function say(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  response.end(body)
}
