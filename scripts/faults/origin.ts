import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as rest } from 'node:timers/promises'
import { listenLocally } from '../servers/listen.ts'

/** How a stranger's server behaves at one address. */
export const manners = [
  'good',
  '503 first',
  'cut',
  'slow',
  'new tag',
  'wrong length',
  'gone',
  'forbidden',
  'page',
] as const
export type Manner = (typeof manners)[number]

/** What an address comes to, whatever else breaks: its media, or a reason. */
export const endOfManner = (manner: Manner): 'ready' | 'failed' =>
  manner === 'gone' || manner === 'forbidden' || manner === 'page' ? 'failed' : 'ready'

export type Origin = AsyncDisposable & {
  allow: string
  /** A new address, which bears a secret that nobody may repeat. */
  offer(address: { name: string; bytes: Buffer; manner: Manner; secret: string }): string
}

type Offer = { bytes: Buffer; manner: Manner; asked: number }

/** Strangers' servers, good and bad, by script. */
export async function startOrigin(): Promise<Origin> {
  const offers = new Map<string, Offer>()
  const server = createServer((request, response) => {
    const offer = offers.get(URL.parse(request.url ?? '', 'http://origin')?.pathname ?? '')
    if (offer === undefined) return void response.writeHead(404).end()
    offer.asked++
    void serve({ request, response, offer }).catch(() => response.destroy())
  })
  const port = await listenLocally(server)
  return {
    allow: `127.0.0.1:${port}`,
    offer({ name, bytes, manner, secret }) {
      const path = `/${offers.size}/${name}`
      offers.set(path, { bytes, manner, asked: 0 })
      return `http://127.0.0.1:${port}${path}?X-Signature=${secret}`
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Asked = { request: IncomingMessage; response: ServerResponse; offer: Offer }

async function serve({ request, response, offer }: Asked): Promise<void> {
  const { bytes, manner, asked } = offer
  const first = asked === 1
  if (manner === 'gone') return void response.writeHead(404).end()
  if (manner === 'forbidden') return void response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>')
  if (manner === 'page')
    return void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>This link has expired')
  if (manner === '503 first' && first) return void response.writeHead(503, { 'retry-after': '1' }).end()
  const etag = `"${manner === 'new tag' ? asked : 1}"`
  const from = manner === 'new tag' && request.headers['if-range'] !== etag ? 0 : startOf(request)
  const length = manner === 'wrong length' && first ? bytes.length + 1_000 : bytes.length
  const range = from > 0 ? { 'content-range': `bytes ${from}-${length - 1}/${length}` } : {}
  response.writeHead(from > 0 ? 206 : 200, {
    etag,
    'content-length': length - from,
    'accept-ranges': 'bytes',
    ...range,
  })
  if (first && (manner === 'cut' || manner === 'new tag' || manner === 'wrong length')) {
    const part = manner === 'wrong length' ? bytes : bytes.subarray(0, bytes.length >> 1)
    response.write(part, () => response.socket?.resetAndDestroy())
    return
  }
  if (manner !== 'slow') return void response.end(bytes.subarray(from))
  const step = Math.ceil(bytes.length / 20)
  for (let at = from; at < bytes.length && !response.destroyed; at += step) {
    response.write(bytes.subarray(at, at + step))
    await rest(50)
  }
  response.end()
}

const startOf = ({ headers }: IncomingMessage) => Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0)
