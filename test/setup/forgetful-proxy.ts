import { connect, createServer, type Socket } from 'node:net'
import { listenLocally } from '../../scripts/servers/listen.ts'
import { atEnd } from './at-end.ts'

/**
 * Stands in front of a server, and can forget the connections that there are, as a router does whose table was lost: neither end
 * hears of it, and nothing that either says arrives any more. Connections made later are as good as new.
 */
export async function forgetfulProxy(url: string) {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let forgotten = new WeakSet<Socket>()
  const proxy = createServer((client) => {
    const server = connect({ host: target.hostname, port: Number(target.port) })
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('data', (chunk) => forgotten.has(from) || to.write(chunk))
      from.on('close', () => {
        sockets.delete(from)
        if (!forgotten.has(from)) to.destroy()
      })
    }
  })
  const port = await listenLocally(proxy)
  atEnd(async () => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  const own = new URL(url)
  own.host = `127.0.0.1:${port}`
  return {
    url: own.href,
    forget() {
      forgotten = new WeakSet(sockets)
    },
  }
}
