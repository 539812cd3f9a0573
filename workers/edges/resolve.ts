import { lookup, Resolver } from 'node:dns/promises'

/** All addresses of a name, in the order in which to try them. */
export type Resolve = (hostname: string) => Promise<string[]>

/** As the machine resolves names for everybody, its hosts file included. */
const bySystem: Resolve = async (hostname) => {
  const answers = await lookup(hostname, { all: true, order: 'ipv4first' })
  return answers.map(({ address }) => address)
}

/** Asks these servers and nobody else; without any, the machine's own way. */
export function resolveBy(servers: readonly string[]): Resolve {
  if (servers.length === 0) return bySystem
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  resolver.setServers(servers)
  return async (hostname) => {
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    const [failed] = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    if (addresses.length === 0) throw failed
    return addresses
  }
}
