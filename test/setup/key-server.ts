import { createServer } from 'node:http'
import type { JSONWebKeySet } from 'jose'
import { listenLocally } from '../../scripts/servers/listen.ts'
import { atEnd } from './at-end.ts'

/** Where a host application publishes its keys: counts how often it is asked, and can be told to be ill. */
export async function keyServer(keys: JSONWebKeySet) {
  const state = { status: 200, asked: 0, keys }
  const server = createServer((_request, response) => {
    state.asked += 1
    response.writeHead(state.status, { 'content-type': 'application/json' }).end(JSON.stringify(state.keys))
  })
  const port = await listenLocally(server)
  atEnd(async () => {
    server.closeAllConnections()
    server.close()
  })
  return { state, url: `http://127.0.0.1:${port}/keys.json` }
}
