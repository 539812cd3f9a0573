import { policyTime, tokenTime } from './url-expiry-inside.ts'
import { compactTime, epochTime, hexTime, isoTime, lasting } from './url-expiry-times.ts'

/** When an address dies, by its own words: the earliest time that any signature in it names. Undefined where it names none. Never throws. */
export function urlExpiry(url: URL): Date | undefined {
  const found: number[] = []
  const query = new Map<string, string>()
  for (const [name, value] of url.searchParams) if (!query.has(name.toLowerCase())) query.set(name.toLowerCase(), value)
  for (const [name, value] of query) {
    const time = timeOf(name, value) ?? signedFor(name, value, query) ?? tokenTime(value) ?? akamaiTime(value)
    if (time !== undefined) found.push(time)
  }
  const inPath = akamaiTime(url.pathname)
  if (inPath !== undefined) found.push(inPath)
  return found.length === 0 ? undefined : new Date(Math.min(...found))
}

type Reader = (value: string) => number | undefined

const anyTime: Reader = (value) => epochTime(value) ?? isoTime(value)

/** What stores and networks call it, and how they write it. */
const readers: Record<string, Reader> = {
  // Azure
  se: isoTime,
  // S3 version 2, CloudFront, Google version 2, Alibaba, and what others made of it
  ...Object.fromEntries(
    ['expires', 'expire', 'expiry', 'expiration', 'exp', 'expires_at', 'expiresat', 'validto', 'deadline', 'e'].map(
      (name) => [name, anyTime],
    ),
  ),
  'x-expires': anyTime,
  // CloudFront, with a policy of one's own
  policy: policyTime,
  // Facebook's and Discord's, and Tencent's
  oe: hexTime,
  ex: hexTime,
  txtime: hexTime,
  // Tencent's store: from;until
  'q-sign-time': (value) => epochTime(value.split(';')[1] ?? ''),
  // Alibaba's network: until-random-user-hash
  auth_key: (value) => (/^\d{10}-.*-/.test(value) ? epochTime(value.slice(0, 10)) : undefined),
}

const timeOf = (name: string, value: string) => (Object.hasOwn(readers, name) ? readers[name]?.(value) : undefined)

/** Amazon, Google and those who sign like them say when it was signed and for how many seconds. */
function signedFor(name: string, value: string, query: ReadonlyMap<string, string>): number | undefined {
  const [, vendor] = /^x-(\w{1,20})-expires$/.exec(name) ?? []
  const signedAt = vendor === undefined ? undefined : compactTime(query.get(`x-${vendor}-date`) ?? '')
  return signedAt === undefined ? undefined : lasting(signedAt, value)
}

/** Akamai's and its likes: `exp=…~acl=…~hmac=…`, in a parameter or in the path. */
function akamaiTime(text: string): number | undefined {
  const [, seconds] = /(?:^|[/~])exp=(\d{10})~/.exec(text) ?? []
  return seconds === undefined ? undefined : epochTime(seconds)
}
