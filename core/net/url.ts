import { SluiceError } from '../errors.ts'
import { isPublicAddress, parseAddress } from './address.ts'
import { exemptionsOf, hostOf, portOf } from './allow.ts'

/** FETCH_ALLOW: hosts or CIDRs exempt from the private-address, port and https rules. */
export type Allow = readonly string[]

const longestUrl = 8192

/**
 * Judges an address that a stranger gave, as far as it shows without asking DNS. Judges what the URL parser made of it, never the text.
 * Whoever connects must ask `checkAddress` about every address that the name resolves to.
 */
export function checkUrl(text: string, { allow }: { allow: Allow }): URL {
  const url = parse(text)
  const exempt = exemptionsOf(allow)
  const host = hostOf(url)
  if (exempt.host(url)) return url
  if (parseAddress(host)) return checkAddress({ url, address: host, allow })
  if (isLoopbackName(host)) return checkAddress({ url, address: '127.0.0.1', allow })
  if (metadataNames.has(host)) throw refused(url, 'it names the metadata service of a cloud')
  // Such a name may lie in an allowed network: that shows only when it is resolved.
  if (isInnerName(host) && exempt.hasNetworks) return url
  if (isInnerName(host)) throw refusedUnlessExempt(url, 'it names a host of a private network')
  checkPublicWay(url)
  return url
}

/** Judges one address that a URL's host resolved to, or is. */
export function checkAddress({ url, address, allow }: { url: URL; address: string; allow: Allow }): URL {
  const exempt = exemptionsOf(allow)
  if (exempt.host(url) || exempt.address(address, url)) return url
  if (!isPublicAddress(address)) throw refusedUnlessExempt(url, 'it leads to an address that is not public', address)
  checkPublicWay(url)
  return url
}

function parse(text: string): URL {
  const url = text.length <= longestUrl ? URL.parse(text) : null
  if (!url)
    throw new SluiceError('url_not_allowed', { message: `not an address, or one of more than ${longestUrl} letters` })
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(url, 'only http and https are fetched')
  if (url.username !== '' || url.password !== '') throw refused(url, 'it carries a user name or password')
  return url
}

function checkPublicWay(url: URL): void {
  if (url.protocol !== 'https:') throw refusedUnlessExempt(url, 'it is not https')
  if (portOf(url) !== '443' && portOf(url) !== '80') throw refusedUnlessExempt(url, 'its port is neither 443 nor 80')
}

const isLoopbackName = (host: string) =>
  /^(.*\.)?localhost(\.localdomain)?$/.test(host) || host === 'ip6-localhost' || host === 'ip6-loopback'
const metadataNames = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
])
const isInnerName = (host: string) =>
  !host.includes('.') || /\.(internal|local|localdomain|lan|home|corp|intranet|private|home\.arpa)$/.test(host)

// The query never enters a message: it holds signatures.
function refused(url: URL, why: string, { address = '', remedy = '' } = {}): SluiceError {
  const where = `${url.protocol}//${url.host}`
  return new SluiceError('url_not_allowed', {
    message: `${where} refused: ${why}${address && ` (${address})`}`,
    publicMessage: `This address may not be fetched: ${why}.${remedy}`,
  })
}

// Refused but for hosts in FETCH_ALLOW. The same words whatever is there: they tell of the setting, and nothing of the network.
const refusedUnlessExempt = (url: URL, why: string, address?: string) =>
  refused(url, why, { ...(address && { address }), remedy: ' Its host can be exempted in FETCH_ALLOW.' })
