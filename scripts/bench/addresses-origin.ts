import { createServer } from 'node:http'
import sharp from 'sharp'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import { listenLocally } from '../servers/listen.ts'

/** A store whose addresses die: each from the moment it is handed out. It remembers when each was asked for first. */
export async function shortLivedOrigin({ livesMs }: { livesMs: number }) {
  const background = { r: 20, g: 120, b: 90 }
  const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .jpeg()
    .toBuffer()
  const asked = new Map<number, number>()
  const inTime = new Set<number>()
  const dies = new Map<number, number>()
  const server = createServer((request, response) => {
    const n = Number(/^\/(\d+)\.jpg/.exec(request.url ?? '')?.[1])
    const now = performance.now()
    if (!asked.has(n)) asked.set(n, now)
    if (now > (dies.get(n) ?? 0)) return void response.writeHead(403).end()
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': picture.length })
    response.end(picture, () => inTime.add(n))
  })
  const port = await listenLocally(server)
  return {
    /** Lives from now on. */
    address(n: number): string {
      dies.set(n, performance.now() + livesMs)
      const end = Math.floor((Date.now() + livesMs) / 1000)
      return `http://127.0.0.1:${port}/${n}.jpg?Expires=${end}&Signature=none`
    },
    firstAsked: (n: number) => asked.get(n),
    servedInTime: (n: number) => inTime.has(n),
    /** Until all were served, or the last has long been dead. */
    served: ({ addresses, signal }: { addresses: number; signal: AbortSignal }) => {
      const giveUpAt = performance.now() + 2 * livesMs
      const ask = () => (inTime.size >= addresses || performance.now() > giveUpAt ? true : undefined)
      return waitUntil({ what: 'the last address', timeoutMs: 3 * livesMs, signal, ask })
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
