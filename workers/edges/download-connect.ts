import type { Socket } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { parseAddress } from '../../core/net/address.ts'
import { type Allow, checkAddress } from '../../core/net/url.ts'
import type { DownloadLimits } from './download-limits.ts'
import { type Resolve, resolveBy } from './resolve.ts'

type Limits = Pick<DownloadLimits, 'connectMs' | 'headersMs' | 'idleMs'>

/**
 * An agent that connects to checked addresses alone. The guard sits where the connection is made, since only there a name's answer, a literal
 * and a redirect all pass: it resolves once, judges every answer, connects to the very address it judged, and asks the socket where it ended up.
 * Proxies of the environment are no concern of this agent. Whoever makes it destroys it.
 */
export function guardedAgent(options: { allow: Allow; limits: Limits; resolve?: Resolve | undefined }): Agent {
  const { allow, limits, resolve = resolveBy([]) } = options
  const connector = buildConnector({ timeout: limits.connectMs, allowH2: false, maxCachedSessions: 0 })

  async function connect(target: buildConnector.Options): Promise<Socket> {
    const url = new URL(`${target.protocol}//${target.host ?? target.hostname}`)
    const addresses = parseAddress(target.hostname) ? [target.hostname] : await resolve(target.hostname)
    for (const address of addresses) checkAddress({ url, address, allow })
    const socket = await firstThatConnects(target, addresses)
    try {
      checkAddress({ url, address: socket.remoteAddress ?? '', allow })
      return socket
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  async function firstThatConnects(target: buildConnector.Options, addresses: string[]): Promise<Socket> {
    const failures: unknown[] = []
    for (const hostname of addresses.slice(0, 3)) {
      try {
        return await new Promise<Socket>((resolve, reject) =>
          connector({ ...target, hostname }, (error, socket) => (error ? reject(error) : resolve(socket))),
        )
      } catch (error) {
        failures.push(error)
      }
    }
    throw failures.length === 1
      ? failures[0]
      : new AggregateError(failures, `no address of ${target.hostname} connects`)
  }

  return new Agent({
    connections: 1,
    pipelining: 0,
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.idleMs,
    maxHeaderSize: 32 * 1024,
    connect: (target, callback) => {
      connect(target).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
      )
    },
  })
}
