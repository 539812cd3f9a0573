import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { listenLocally } from '../../scripts/servers/listen.ts'
import { atEnd } from './at-end.ts'

export type Message = { type: string; timestamp: string; data: { id: string; [name: string]: unknown } }
export type Received = { id: string; message: Message; headers: IncomingHttpHeaders; path: string | undefined }
type Answer = (received: Received, response: ServerResponse) => void

/** A customer's endpoint: it verifies by the library of Standard Webhooks, keeps what came, and answers as a test wishes. */
export async function receiver(answer: Answer = (_received, response) => void response.writeHead(204).end()) {
  const received: Received[] = []
  const taken: Received[] = []
  const state = { secret: '', answer, wrong: 0 }
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const headers = request.headers
    try {
      const message = new Webhook(state.secret).verify(body, headers as Record<string, string>) as Message
      const one = { id: String(headers['webhook-id']), message, headers, path: request.url }
      received.push(one)
      response.once('finish', () => response.statusCode < 300 && taken.push(one))
      state.answer(one, response)
    } catch {
      state.wrong += 1
      response.writeHead(400).end()
    }
  })
  const port = await listenLocally(server)
  atEnd(async () => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${port}/hook`, received, taken, state }
}

/** What was taken, each event once, in the order in which it first was; by asset. */
export function lanesOf(taken: Received[]): Map<string, string[]> {
  const first = taken.filter((one, n) => taken.findIndex(({ id }) => id === one.id) === n)
  const lanes = Map.groupBy(first, ({ message }) => message.data.id)
  return new Map([...lanes].map(([asset, events]) => [asset, events.map(({ message }) => message.type)]))
}
