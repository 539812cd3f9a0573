import { type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { SluiceError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { problemOf } from './problem.ts'
import type { BodyPace } from './slow-body.ts'

/** How long and how many the server waits for. Tests are less patient. */
export type ServerLimits = {
  /** For all headers of a request, from its first byte, and for that byte. */
  headersMs: number
  checkEveryMs: number
  /** Longer than proxies and load balancers keep theirs (60 s mostly), so that it is they who hang up. */
  keepAliveMs: number
  body: BodyPace
  connections: number
  connectionsPerAddress: number
  streams: StreamLimits
}

/** Of streams of events. */
export type StreamLimits = {
  /** One of all assets serves a whole backend; a page has one, or one for each asset that it shows. */
  ofOneCaller: number
  ofProcess: number
  /** Proxies end what is quiet for long. */
  quietMs: number
  /** How often it is asked whether whoever listens still may. */
  askAgainMs: number
  /** For a reader that leaves unread what it was sent. */
  patienceMs: number
}

export const usualLimits: ServerLimits = {
  headersMs: 15_000,
  checkEveryMs: 3_000,
  keepAliveMs: 72_000,
  body: { windowMs: 30_000, minBytes: 16 * 1024 },
  connections: 8_192,
  connectionsPerAddress: 512,
  streams: { ofOneCaller: 100, ofProcess: 2_000, quietMs: 15_000, askAgainMs: 15_000, patienceMs: 30_000 },
}

/** For Fastify's constructor. No time for a whole request: uploads may last, as long as bytes come. */
export const serverOptions = (limits: ServerLimits) => ({
  keepAliveTimeout: limits.keepAliveMs,
  requestTimeout: 0,
  http: {
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    maxHeaderSize: 16 * 1024,
  },
  clientErrorHandler: answerUnreadable,
})

type Connections = { limits: ServerLimits; isProxy(address: string): boolean }

/** Of one address no more connections than any honest client opens; a proxy that we know of speaks for many. */
export function limitConnections(server: Server, { limits, isProxy }: Connections): void {
  server.maxConnections = limits.connections
  const open = new Map<string, number>()
  server.on('connection', (socket) => {
    const { remoteAddress: address = '' } = socket
    const before = open.get(address) ?? 0
    if (before >= limits.connectionsPerAddress && !isProxy(address)) return void socket.destroy()
    open.set(address, before + 1)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left > 0) open.set(address, left)
      else open.delete(address)
    })
  })
}

/** What never became a request: headers that came too slowly, are too long, or are not HTTP. */
function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, problem] = unreadable(error.code)
  const body = JSON.stringify({ ...problemOf(problem, newId()), status })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

function unreadable(code: string | undefined): [number, SluiceError] {
  const refused = (publicMessage: string) => new SluiceError('malformed_request', { message: `${code}`, publicMessage })
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, refused('The headers came too slowly.')]
  if (code === 'HPE_HEADER_OVERFLOW') return [431, refused('The headers are longer than 16 KiB.')]
  return [400, refused('This is not HTTP.')]
}
