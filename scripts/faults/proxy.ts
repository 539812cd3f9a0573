import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as rest } from 'node:timers/promises'

/** What a network does to what passes. All of it holds for connections that are open and for those that come. */
export type NetworkFault =
  | { kind: 'delay'; ms: number }
  | { kind: 'throttle'; bytesPerSecond: number }
  /** After so many bytes, either way together, a connection ends: closed, reset, or in that one direction alone. */
  | { kind: 'cut'; after: number; how: 'close' | 'reset' | 'half-close' }
  /** Nothing passes and nobody is told. What was held back passes afterwards, as after a partition. */
  | { kind: 'black hole' }
  /** Whoever is connected is reset, whoever comes is reset. */
  | { kind: 'reset' }

export type FaultProxy = {
  port: number
  /** Undefined: the network works. */
  set(fault: NetworkFault | undefined): void
  close(): Promise<void>
}

type Link = { client: Socket; server: Socket; passed: number; halved: boolean }

/** Stands in front of one server, which may be away: then whoever connects is reset, as by the server's own machine. */
export async function faultProxy({ port: target }: { port: number }): Promise<FaultProxy> {
  const links = new Set<Link>()
  let fault: NetworkFault | undefined
  let changed = Promise.withResolvers<void>()

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true })
    const link: Link = { client, server, passed: 0, halved: false }
    links.add(link)
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => end(link))
    client.on('close', () => end(link))
    server.on('close', () => end(link))
    if (fault?.kind === 'reset') return end(link)
    void carry(link, client, server)
    void carry(link, server, client)
  })

  function end(link: Link, how: 'close' | 'reset' = 'reset'): void {
    if (!links.delete(link)) return
    for (const socket of [link.client, link.server]) how === 'reset' ? socket.resetAndDestroy() : socket.destroy()
  }

  async function carry(link: Link, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from) await pass(link, to, chunk)
      await open()
      to.end()
    } catch {
      // One of the two ends has gone; the link ends with it.
      end(link)
    }
  }

  /** Resolves when what is here may go on. */
  async function open(): Promise<void> {
    while (fault?.kind === 'black hole') await changed.promise
  }

  async function pass(link: Link, to: Socket, chunk: Buffer): Promise<void> {
    await open()
    const now = fault
    if (now?.kind === 'delay') await rest(now.ms)
    if (now?.kind === 'throttle')
      await Promise.race([rest((1_000 * chunk.length) / now.bytesPerSecond), changed.promise])
    const most = now?.kind === 'cut' ? now.after - link.passed : Number.POSITIVE_INFINITY
    link.passed += chunk.length
    if (chunk.length < most) return write(to, chunk)
    if (now?.kind !== 'cut') return
    if (most > 0) await write(to, chunk.subarray(0, most))
    if (now.how !== 'half-close') return end(link, now.how)
    link.halved = true
    to.end()
    await changed.promise
  }

  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    port: portOf(listener),
    set(next) {
      fault = next
      for (const link of links) {
        link.passed = 0
        if (next?.kind === 'reset' || link.halved) end(link)
      }
      changed.resolve()
      changed = Promise.withResolvers()
    },
    async close() {
      for (const link of links) end(link)
      listener.close()
      changed.resolve()
    },
  }
}

async function write(to: Socket, chunk: Buffer): Promise<void> {
  if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')])
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return address.port
}
