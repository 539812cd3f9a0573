import ipaddr from 'ipaddr.js'
import { parseAddress } from './address.ts'

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]
type Rule = { port: string | undefined } & ({ host: string } | { suffix: string } | { network: Network })

/** The rules of one FETCH_ALLOW entry: `host`, `*.host`, an address or a CIDR; the first three also with `:port`. Undefined for anything else. */
export function parseAllowEntry(entry: string): Rule | undefined {
  const text = entry.trim().toLowerCase()
  if (text.includes('/'))
    return ipaddr.isValidCIDR(text) ? { port: undefined, network: ipaddr.parseCIDR(text) } : undefined
  const bare = parseAddress(text)
  if (bare) return { port: undefined, network: whole(bare) }
  const [, v6, name = '', port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const address = parseAddress(v6 ?? name)
  if (address) return { port, network: whole(address) }
  if (v6 !== undefined || !/^(\*\.)?[\p{Letter}\p{Number}_-]+(\.[\p{Letter}\p{Number}_-]+)*\.?$/u.test(name))
    return undefined
  const host = name.replace(/\.$/, '')
  return host.startsWith('*.') ? { port, suffix: host.slice(1) } : { port, host }
}

const whole = (address: ipaddr.IPv4 | ipaddr.IPv6): Network => [address, address.kind() === 'ipv4' ? 32 : 128]

type Exemptions = {
  /** Whether this host of this address is exempt by its name. */
  host(url: URL): boolean
  /** Whether this resolved address is exempt, on the port of this URL. */
  address(address: string, url: URL): boolean
  /** Whether a name might turn out exempt once it is resolved. */
  hasNetworks: boolean
}

/** Who is exempt from the private-address, port and https rules. Entries were checked with the settings; an odd one exempts nobody. */
export function exemptionsOf(allow: readonly string[]): Exemptions {
  const rules = allow.map(parseAllowEntry).filter((rule) => rule !== undefined)
  const onPort = (rule: Rule, url: URL) => rule.port === undefined || rule.port === portOf(url)
  return {
    hasNetworks: rules.some((rule) => 'network' in rule),
    host: (url) => rules.some((rule) => onPort(rule, url) && namesHost(rule, hostOf(url))),
    address: (text, url) => {
      const address = parseAddress(text)
      return address !== undefined && rules.some((rule) => onPort(rule, url) && holds(rule, address))
    },
  }
}

const namesHost = (rule: Rule, host: string) =>
  ('host' in rule && rule.host === host) || ('suffix' in rule && host.endsWith(rule.suffix))

const holds = (rule: Rule, address: ipaddr.IPv4 | ipaddr.IPv6) =>
  'network' in rule && rule.network[0].kind() === address.kind() && address.match(rule.network)

/** The host without the root dot and without the brackets of IPv6. */
export const hostOf = (url: URL) =>
  url.hostname
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^\[(.*)\]$/, '$1')

export const portOf = (url: URL) => url.port || (url.protocol === 'http:' ? '80' : '443')
