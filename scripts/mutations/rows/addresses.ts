import type { Mutation } from '../mutation.ts'

const connect = 'workers/edges/download-connect.ts'
const follow = 'workers/edges/download-follow.ts'
const body = 'workers/edges/download-body.ts'
const resume = 'workers/edges/download-resume.ts'
const guardTest = 'workers/edges/download-guard.test.ts'
const downloadTest = 'workers/edges/download.test.ts'
const resumeTest = 'workers/edges/download-resume.test.ts'
const endTest = 'workers/ingest/end-fetch.test.ts'
const urlTest = 'core/net/url.test.ts'
const judged = `${urlTest} › %j is refused`

/** Where strangers' addresses are fetched from: B1 to B8. */
export const addressMutations: Mutation[] = [
  {
    without: 'the judgement of a literal address',
    file: 'core/net/url.ts',
    find: 'if (parseAddress(host)) return checkAddress({ url, address: host, allow })',
    replace: '',
    proof: judged,
  },
  {
    without: 'the judgement of names of this very machine',
    file: 'core/net/url.ts',
    find: "if (isLoopbackName(host)) return checkAddress({ url, address: '127.0.0.1', allow })",
    replace: '',
    proof: judged,
  },
  {
    without: 'the refusal of metadata services by their names',
    file: 'core/net/url.ts',
    find: "if (metadataNames.has(host)) throw refused(url, 'it names the metadata service of a cloud')",
    replace: '',
    proof: `${urlTest} › %j with FETCH_ALLOW=%j is %s`,
  },
  {
    without: 'the refusal of names of private networks',
    file: 'core/net/url.ts',
    find: "if (isInnerName(host)) throw refusedUnlessExempt(url, 'it names a host of a private network')",
    replace: '',
    proof: judged,
  },
  {
    without: 'the refusal of schemes besides http and https',
    file: 'core/net/url.ts',
    find: "if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(url, 'only http and https are fetched')",
    replace: '',
    proof: `${urlTest} › %j with FETCH_ALLOW=%j is %s`,
  },
  {
    without: 'the refusal of names and passwords in an address',
    file: 'core/net/url.ts',
    find: "if (url.username !== '' || url.password !== '') throw refused(url, 'it carries a user name or password')",
    replace: '',
    proof: judged,
  },
  {
    without: 'the refusal of plain http',
    file: 'core/net/url.ts',
    find: "if (url.protocol !== 'https:') throw refusedUnlessExempt(url, 'it is not https')",
    replace: '',
    proof: judged,
  },
  {
    without: 'the refusal of other ports',
    file: 'core/net/url.ts',
    find: "if (portOf(url) !== '443' && portOf(url) !== '80') throw refusedUnlessExempt(url, 'its port is neither 443 nor 80')",
    replace: '',
    proof: judged,
  },
  {
    without: 'the judgement of every address that a name has',
    file: connect,
    find: 'for (const address of addresses) checkAddress({ url, address, allow })',
    replace: '',
    proof: `${guardTest} › an allowed network lets a name pass only when it resolves into it`,
  },
  {
    without: 'the question to the socket where it ended up',
    file: connect,
    find: "checkAddress({ url, address: socket.remoteAddress ?? '', allow })",
    replace: '',
    proof: `${guardTest} › where the socket ends up counts, whatever address was judged before`,
  },
  {
    without: 'the connection to the very address that was judged',
    file: connect,
    find: 'connector({ ...target, hostname },',
    replace: 'connector({ ...target },',
    proof: `${guardTest} › a name that changes its answer is asked once for each connection, and the judged answer is the one connected to`,
  },
  {
    without: 'the judgement of what a redirect leads to',
    file: 'workers/edges/download-redirect.ts',
    find: 'return checkUrl(to.href, { allow })',
    replace: 'return to',
    proof: `${guardTest} › a redirect to %s is refused and never followed`,
  },
  {
    without: 'the refusal to go from https down to http',
    file: 'workers/edges/download-redirect.ts',
    find: "if (from.protocol === 'https:' && to.protocol === 'http:')",
    replace: 'if (false)',
    proof:
      'workers/edges/download-redirect.test.ts › a redirect never leads from https to http, not even to an allowed host',
  },
  {
    without: 'the limit of redirects',
    file: follow,
    find: 'hops <= options.limits.redirects',
    replace: 'hops <= 20',
    proof: `${guardTest} › three redirects are followed, each judged; a fourth is too many`,
  },
  {
    without: 'the refusal of an encoding',
    file: follow,
    find: "if (encoding !== 'identity')",
    replace: 'if (false)',
    proof: `${downloadTest} › content-encoding %s is refused unread`,
  },
  {
    without: 'the refusal of a page by its type',
    file: follow,
    find: 'if (/^(text\\/html|application\\/xhtml\\+xml)\\b/i.test(',
    replace: 'if (/^never/.test(',
    proof: `${downloadTest} › a web page sent as %s in place of the file means that the address is over`,
  },
  {
    without: 'the refusal of a page by its bytes',
    file: body,
    find: 'if (received === 0 && looksLikeHtml(chunk)) throw htmlInstead(host)',
    replace: '',
    proof: `${downloadTest} › a web page sent as %s in place of the file means that the address is over`,
  },
  {
    without: 'the refusal of too many bytes by their promise',
    file: follow,
    find: 'return (lengthOf(headers) ?? 0) > limits.maxBytes ? tooLarge(host, limits.maxBytes) : undefined',
    replace: 'return undefined',
    proof: `${downloadTest} › too many bytes are refused by the promise, and else as soon as they come`,
  },
  {
    without: 'the count of bytes as they come',
    file: body,
    find: 'if (received > limits.maxBytes) throw tooLarge(host, limits.maxBytes)',
    replace: '',
    proof: `${downloadTest} › too many bytes are refused by the promise, and else as soon as they come`,
  },
  {
    without: 'the least speed',
    file: body,
    find: 'if (windowBytes < (minBytesPerSecond * windowMs) / 1000)',
    replace: 'if (false)',
    proof: `${downloadTest} › a trickle that is never idle is still too slow`,
  },
  {
    without: 'the time in which a head must come, whatever comes before it',
    file: follow,
    find: 'limits.connectMs + limits.headersMs)',
    replace: '2 ** 30)',
    proof: `${downloadTest} › interim answers put nothing off: without a head in time it is left`,
  },
  {
    without: 'the longest silence of a body',
    file: connect,
    find: 'bodyTimeout: limits.idleMs',
    replace: 'bodyTimeout: 0',
    proof: `${downloadTest} › a server that accepts and says nothing, or stops in the middle, is left after the limit`,
  },
  {
    without: 'the time that a whole download may take',
    file: 'workers/edges/download.ts',
    find: 'AbortSignal.timeout(limits.totalMs)',
    replace: 'AbortSignal.timeout(2 ** 30)',
    proof: `${downloadTest} › a trickle that is never idle is still too slow`,
  },
  {
    without: 'a strong tag for whatever is gone on with',
    file: resume,
    find: '/^"[^"]*"$/.test(etag)',
    replace: '/"[^"]*"$/.test(etag)',
    proof: `${resumeTest} › a file is read from its first byte where it cannot be known that it is the same: %s`,
  },
  {
    without: 'If-Range',
    file: follow,
    find: ", 'if-range': part.etag }",
    replace: ' }',
    proof: `${resumeTest} › a body that breaks off is gone on with from its next byte, if it is still the same file`,
  },
  {
    without: 'the same tag in the rest of a file',
    file: resume,
    find: "oneOf(next.headers, 'etag') === part.etag && ",
    replace: '',
    proof: `${resumeTest} › a file is read from its first byte where it cannot be known that it is the same: %s`,
  },
  {
    without: 'the right beginning of the rest of a file',
    file: resume,
    find: ' && Number(from) === part.from',
    replace: '',
    proof: `${resumeTest} › a file is read from its first byte where it cannot be known that it is the same: %s`,
  },
  {
    without: 'the end of an address that answers 403',
    file: 'workers/edges/download-errors.ts',
    find: 'new Set([400, 401, 403, 404, 410])',
    replace: 'new Set([400, 401, 404, 410])',
    proof: `${downloadTest} › status %i is %s: %s`,
  },
  {
    without: 'NAT64 as the IPv4 address that it leads to',
    file: 'core/net/address.ts',
    find: 'if (address.match(nat64)) return [at(12)]',
    replace: '',
    proof: 'core/net/address.test.ts › a mapped, NAT64 or 6to4 address is as public as the IPv4 address inside it',
  },
  {
    without: 'the refusal of what no standard has made public yet',
    file: 'core/net/address.ts',
    find: ' && address.match(globalUnicast)',
    replace: '',
    proof: 'core/net/address.test.ts › %j is not public',
  },
  {
    without: 'an address without its query in what is kept of it',
    file: 'workers/edges/download.ts',
    find: 'finalUrl: `',
    replace: 'finalUrl: url.href + `',
    proof: `${downloadTest} › the bytes come with type, length and name, asked for plainly and without identity`,
  },
  {
    without: 'logs that show no query of an address',
    file: 'core/logger.ts',
    find: ".replace(addressWithQuery, '$1$2?[redacted]')",
    replace: '',
    proof: 'core/logger.test.ts › never shows the query of a signed address %s',
  },
  {
    without: 'a transaction that fetches which end at once share',
    file: 'workers/ingest/end-fetch.ts',
    find: 'ends.set(db, end)',
    replace: '',
    proof: `${endTest} › fetches that end at once share a transaction, and each has what it brought, its event and what comes next`,
  },
  {
    without: 'a second try alone for fetches that ended together with one that is refused',
    file: 'workers/ingest/end-fetch.ts',
    find: 'return (await Promise.all(all.map((one) => endAll(db, [one])))).flat()',
    replace: 'throw reason',
    proof: `${endTest} › what one tenant has no room for is not kept, and what ends with it of others is`,
  },
  {
    without: 'the fence of each of the fetches that end together',
    file: 'core/db/end-fetches.ts',
    find: 'AND tasks.attempt = run.attempt ',
    replace: '',
    proof: `${endTest} › a run that lost its task meanwhile writes nothing, and takes nothing from the others`,
  },
]
