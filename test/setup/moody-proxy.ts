import { createServer, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { listenLocally } from '../../scripts/servers/listen.ts'
import { atEnd } from './at-end.ts'

/** `refuse`: the server never hears of it. `unhear`: the server does what it was asked, and nobody learns of its answer. */
type Mood = 'refuse' | 'unhear' | undefined

/** A mood about the first request of a method, and none ever after. */
export function firstTime(method: string, mood: NonNullable<Mood>): (request: IncomingMessage) => Mood {
  let was = false
  return (request) => {
    if (request.method !== method || was) return undefined
    was = true
    return mood
  }
}

/** Before the first bytes go on their way their upload is given up by somebody else, and the connection breaks. */
export function givenUp(
  target: string,
  headers: Record<string, string> = {},
): (request: IncomingMessage) => Promise<Mood> {
  const first = firstTime('PATCH', 'unhear')
  return async (request) => {
    const mood = first(request)
    const upload = new URL(request.url ?? '', target)
    if (mood !== undefined) await fetch(upload, { method: 'DELETE', headers: { 'tus-resumable': '1.0.0', ...headers } })
    return mood
  }
}

/** Stands in front of a server and passes each request on, but for those that it has a mood about. */
export async function moodyProxy(target: string, mood: (request: IncomingMessage) => Mood | Promise<Mood>) {
  const seen: string[] = []
  const proxy = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request
    seen.push(method)
    const felt = await mood(request)
    const body = await buffer(request)
    if (felt === 'refuse') return response.writeHead(400).end('in no mood')
    const sent = Object.entries(headers).filter(([name]) => !/^(host|connection|content-length)$/.test(name))
    const answer = await fetch(new URL(url, target), {
      method,
      headers: new Headers(sent.map(([name, value]) => [name, String(value)])),
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    })
    const content = Buffer.from(await answer.arrayBuffer())
    if (felt === 'unhear') return request.socket.destroy()
    const said = [...answer.headers].filter(([name]) => !/^(connection|keep-alive|transfer-encoding)$/.test(name))
    response.writeHead(answer.status, Object.fromEntries(said)).end(content)
  })
  const url = `http://127.0.0.1:${await listenLocally(proxy)}`
  atEnd(async () => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return { url, seen }
}
