import type { Row } from './threat.ts'

/** B1 to B8: what an address to fetch may try. */
export const addressThreats: Row[] = [
  {
    id: 'B1',
    input: '127.0.0.1 and 169.254.169.254 in disguise: decimal, hex, octal, short, in circled digits, behind an @',
    outcome: 'the parsed address is judged, never its text; refused before there is an asset',
    code: 'url_not_allowed',
    proof: 'core/net/url.test.ts › %j is refused',
  },
  {
    id: 'B1',
    input: 'the same, by the worker, with a canary listening',
    outcome: 'not one connection',
    code: 'url_not_allowed',
    proof: 'workers/edges/download-guard.test.ts › %s is never connected to',
  },
  {
    id: 'B2',
    input: 'IPv6: loopback, link-local, unique local, multicast, and IPv4 wrapped in it (mapped, NAT64, 6to4)',
    outcome: 'public unicast alone passes; what is wrapped is judged by what is inside',
    code: 'url_not_allowed',
    proof: 'core/net/address.test.ts › nothing of the reserved IPv4 blocks is public, however it is wrapped in IPv6',
  },
  {
    id: 'B3',
    input: 'a name with a public and an inner address, localhost with a dot, names of metadata services',
    outcome: 'one bad answer refuses the name',
    code: 'url_not_allowed',
    proof: 'workers/edges/download-guard.test.ts › a public name that resolves to %j is refused before any connection',
  },
  {
    id: 'B4',
    input: 'a redirect to an inner address, to file: or gopher:, with user and password',
    outcome: 'each hop is judged like the first; not followed',
    code: 'url_not_allowed',
    proof: 'workers/edges/download-guard.test.ts › a redirect to %s is refused and never followed',
  },
  {
    id: 'B4',
    input: 'redirects without end',
    outcome: 'three are followed, a fourth ends it',
    code: 'source_invalid_response',
    proof: 'workers/edges/download-guard.test.ts › three redirects are followed, each judged; a fourth is too many',
  },
  {
    id: 'B4',
    input: 'a redirect from https to http',
    outcome: 'refused, even to an allowed host',
    code: 'url_not_allowed',
    proof:
      'workers/edges/download-redirect.test.ts › a redirect never leads from https to http, not even to an allowed host',
  },
  {
    id: 'B5',
    input: 'DNS rebinding: a name that changes its answer',
    outcome: 'asked once for each connection, and the answer that was judged is the one connected to',
    proof:
      'workers/edges/download-guard.test.ts › a name that changes its answer is asked once for each connection, and the judged answer is the one connected to',
  },
  {
    id: 'B6',
    input: 'other schemes and ports, user and password, line breaks in the address',
    outcome: 'http and https alone, on 80 and 443 alone, without user info',
    code: 'url_not_allowed',
    proof:
      'core/net/url.test.ts › whatever it is given, it allows only http and https without user info, or says url_not_allowed',
  },
  {
    id: 'B7',
    input: 'the signature in an address',
    outcome: 'stands in no error and no log line',
    proof: 'workers/edges/download-guard.test.ts › no error tells the query of the address, which holds signatures',
  },
  {
    id: 'B7',
    input: 'the same in log lines: message, fields, errors, causes',
    outcome: 'cut out before the line is written',
    proof: 'core/logger.test.ts › never shows the query of a signed address %s',
  },
  {
    id: 'B7',
    input: 'a proxy in the environment',
    outcome: 'not asked',
    proof: 'workers/edges/download-guard.test.ts › proxies of the environment are not asked',
  },
  {
    id: 'B8',
    input: 'an origin that sends more than it promised, or without end',
    outcome: 'refused by the promise, and else as soon as the bytes come',
    code: 'too_large',
    proof: 'workers/edges/download.test.ts › too many bytes are refused by the promise, and else as soon as they come',
  },
  {
    id: 'B8',
    input: 'gzip, br, deflate, and gzip three times over',
    outcome: 'refused unread; nothing is ever inflated',
    code: 'source_invalid_response',
    proof: 'workers/edges/download.test.ts › content-encoding %s is refused unread',
  },
  {
    id: 'B8',
    input: 'an origin that says nothing, or stops in the middle',
    outcome: 'left after a limit',
    code: 'source_unavailable',
    proof:
      'workers/edges/download.test.ts › a server that accepts and says nothing, or stops in the middle, is left after the limit',
  },
  {
    id: 'B8',
    input: 'one byte now and then',
    outcome: 'ended, though it is never idle',
    code: 'source_too_slow',
    proof: 'workers/edges/download.test.ts › a trickle that is never idle is still too slow',
  },
  {
    id: 'B8',
    input: 'fewer bytes than were promised',
    outcome: 'tried again, and never taken for the file',
    code: 'source_unavailable',
    proof: 'workers/edges/download.test.ts › %s is tried again, and never taken for the file',
  },
  {
    id: 'B8',
    input: 'a web page in place of the file',
    outcome: 'the address is over',
    code: 'source_expired',
    proof: 'workers/edges/download.test.ts › a web page sent as %s in place of the file means that the address is over',
  },
]
