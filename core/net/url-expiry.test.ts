import fc from 'fast-check'
import { expect, test } from 'vitest'
import { urlExpiry } from './url-expiry.ts'

const expiryOf = (query: string) => urlExpiry(new URL(`https://cdn.example.com/a/cat.mp4?${query}`))?.toISOString()
const at = '2026-11-21T09:00:00.000Z'
const seconds = Date.parse(at) / 1000
const hex = seconds.toString(16)
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
const policyOf = (value: unknown) => base64(value).replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~')
const token = (claims: unknown) => `eyJhbGciOiJIUzI1NiJ9.${base64(claims).replace(/=+$/, '')}.c2ln`

test.each([
  ['Azure', 'sv=2025-01-05&st=2026-11-21T08%3A00%3A00Z&se=2026-11-21T09%3A00%3A00Z&sr=b&sp=r&sig=x'],
  ['Azure without seconds', 'se=2026-11-21T09:00Z&sig=x'],
  ['Azure with a zone', 'se=2026-11-21T10:00:00+01:00&sig=x'],
  ['Amazon', 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261121T084500Z&X-Amz-Expires=900&X-Amz-Signature=x'],
  ['Amazon in other letters', 'x-amz-date=20261121T084500Z&x-amz-expires=900'],
  ['Google', 'X-Goog-Date=20261121T080000Z&X-Goog-Expires=3600&X-Goog-Signature=x'],
  ['Alibaba', 'x-oss-date=20261121T080000Z&x-oss-expires=3600'],
  ['S3 version 2', `AWSAccessKeyId=x&Signature=y&Expires=${seconds}`],
  ['CloudFront', `Expires=${seconds}&Signature=y&Key-Pair-Id=z`],
  [
    'CloudFront with a policy',
    `Policy=${policyOf({ Statement: [{ Resource: 'https://?*', Condition: { DateLessThan: { 'AWS:EpochTime': seconds } } }] })}`,
  ],
  ['Akamai', `hdnts=st=1~exp=${seconds}~acl=/*~hmac=x`],
  ['Facebook', `oh=00_x&oe=${hex}`],
  ['Discord', `ex=${hex}&is=65f0&hm=x`],
  ['Tencent', `q-sign-time=${seconds - 60};${seconds}`],
  ['Alibaba’s network', `auth_key=${seconds}-0-0-0123456789abcdef`],
  ['a token', `token=${token({ sub: 'x', exp: seconds })}`],
  ['exp', `exp=${seconds}`],
  ['e', `st=x&e=${seconds}`],
  ['validto', `validfrom=1&validto=${seconds}`],
  ['milliseconds', `expires=${seconds * 1000}`],
  ['expires as text', 'expires=2026-11-21T09:00:00Z'],
  ['the earliest of several', `exp=${seconds + 1}&Expires=${seconds}&se=2027-01-01`],
  ['the first of two of one name', `exp=${seconds}&exp=${seconds - 5}`],
])('%s says when the address dies', (_who, query) => {
  expect(expiryOf(query)).toBe(at)
})

test('a token in the path counts too', () => {
  const url = new URL(`https://cdn.example.com/exp=${seconds}~hmac=x/cat.mp4`)
  expect(urlExpiry(url)?.toISOString()).toBe(at)
})

test('a bare day ends when it begins', () => {
  expect(expiryOf('se=2026-11-21')).toBe('2026-11-21T00:00:00.000Z')
})

test.each([
  '',
  'e=1',
  'exp=true',
  'exp=-1795251600',
  'exp=0x6b000000',
  'exp=1e10',
  'expires=9999999999',
  'expires=1000000000',
  'expires=17952516000000000',
  'expires=Infinity',
  'se=tomorrow',
  'se=2026-13-41T99:99:99Z',
  'se=9999-12-31T23:59:59Z',
  'oe=zzzzzzzz',
  'oe=ffffffffff',
  'ex=cat',
  'X-Amz-Expires=900',
  'X-Amz-Date=20261121T084500Z',
  'X-Amz-Date=20261399T084500Z&X-Amz-Expires=900',
  'X-Amz-Date=20261121T084500Z&X-Amz-Expires=99999999999',
  'X-Amz-Date=20261121T084500Z&X-Goog-Expires=900',
  'Policy=cat',
  `Policy=${policyOf({ Statement: [] })}`,
  `Policy=${policyOf({ Statement: [{ Condition: { DateLessThan: { 'AWS:EpochTime': '1' } } }] })}`,
  `token=${token({ exp: 'soon' })}`,
  `token=${token(null)}`,
  'token=eyJ.x.y',
  '__proto__=1795251600&constructor=1795251600',
  'hdnts=exp=1~hmac=x',
  'q-sign-time=1',
  'auth_key=1-2-3',
])('%j says nothing', (query) => {
  expect(expiryOf(query)).toBeUndefined()
})

test('whatever an address holds, reading it never throws, and finds no time out of bounds', () => {
  const names = ['se', 'expires', 'policy', 'token', 'oe', 'x-amz-date', 'x-amz-expires', 'hdnts', 'auth_key', 'e']
  const name = fc.oneof(fc.constantFrom(...names), fc.string())
  const value = fc.oneof(
    fc.string(),
    fc.bigInt({ min: 0n, max: 10n ** 14n }).map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.json().map((text) => Buffer.from(text).toString('base64')),
    fc.json().map((text) => `eyJhbGciOiJub25lIn0.${Buffer.from(text).toString('base64url')}.`),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), fc.webUrl(), (pairs, base) => {
      const url = new URL(base)
      url.search = new URLSearchParams(pairs).toString()
      const year = urlExpiry(url)?.getUTCFullYear() ?? 2026
      expect(year).toBeGreaterThan(2014)
      expect(year).toBeLessThan(2100)
    }),
  )
})
