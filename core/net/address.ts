import ipaddr from 'ipaddr.js'

/** An address, with IPv4 taken out of its IPv6 mapping, or undefined for what is no address. */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const wellFormed = text.includes(':') ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text)
  return wellFormed ? ipaddr.process(text) : undefined
}

/** Whether a text is an address or a CIDR. */
export const isNetwork = (text: string) =>
  text.includes('/') ? ipaddr.isValidCIDR(text) : parseAddress(text) !== undefined

/**
 * Whether an address is one of the public internet. Only global unicast is: whatever a later standard sets aside is refused until it is known here.
 * Addresses that carry another one inside are judged by what they carry, since that is where the bytes go.
 */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text)
  if (address === undefined) return false
  if (address instanceof ipaddr.IPv4) return isPublicV4(address)
  const carried = carriedBy(address)
  return carried ? carried.every(isPublicV4) : address.range() === 'unicast' && address.match(globalUnicast)
}

/** An address with a port or without; one of IPv6 wants brackets before a port. */
export function isDnsServer(text: string): boolean {
  const [, v6, v4] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([^:]+)(?::\d{1,5})?)$/.exec(text) ?? []
  return parseAddress(v6 ?? v4 ?? text) !== undefined
}

const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]
const nat64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96]
const sixToFour: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2002::'), 16]
const teredo: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2001::'), 32]

const isPublicV4 = (address: ipaddr.IPv4) => address.range() === 'unicast'

function carriedBy(address: ipaddr.IPv6): ipaddr.IPv4[] | undefined {
  const bytes = address.toByteArray()
  const at = (start: number) => new ipaddr.IPv4(bytes.slice(start, start + 4))
  if (address.match(nat64)) return [at(12)]
  if (address.match(sixToFour)) return [at(2)]
  // Teredo names its server, and its client with every bit turned round.
  if (address.match(teredo)) return [at(4), new ipaddr.IPv4(bytes.slice(12, 16).map((byte) => byte ^ 0xff))]
  return undefined
}

/** Whether an address lies in one of the networks, each an address or a CIDR. */
export function isWithin(text: string, networks: readonly string[]): boolean {
  const address = parseAddress(text)
  if (address === undefined) return false
  return networks.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(
      network.includes('/') ? network : `${network}/${network.includes(':') ? 128 : 32}`,
    )
    return base.kind() === address.kind() && address.match(base, bits)
  })
}
