import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { contentTypeFor } from '../../core/storage/content-types.ts'
import { listenLocally } from '../../scripts/servers/listen.ts'
import { atEnd } from './at-end.ts'

/** Serves folders under names of their own, as storage serves what lies in it; every file is read anew. */
export async function serveFolders(folders: Record<string, string>): Promise<string> {
  const server = createServer(async (request, response) => {
    const [, name = '', ...rest] = (request.url ?? '').split('?')[0]?.split('/') ?? []
    if (name === '')
      return void response.setHeader('content-type', 'text/html').end('<!doctype html><video muted></video>')
    const file = path.join(folders[name] ?? '/nowhere', ...rest)
    const bytes = await readFile(file).catch(() => undefined)
    if (bytes === undefined) return void response.writeHead(404).end()
    const type = file.endsWith('.js') ? 'text/javascript' : contentTypeFor(file)
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' }).end(bytes)
  })
  const port = await listenLocally(server)
  atEnd(async () => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${port}`
}
