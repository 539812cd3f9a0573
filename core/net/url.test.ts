import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SluiceError } from '../errors.ts'
import { parseAllowEntry } from './allow.ts'
import { checkAddress, checkUrl } from './url.ts'

const verdict = (url: string, allow: string[] = []) => {
  try {
    checkUrl(url, { allow })
    return 'allowed'
  } catch (error) {
    return error instanceof SluiceError ? error.code : String(error)
  }
}

const schemes = (rest: string) => [`http://${rest}`, `https://${rest}`]
test.each([
  // IPv4 in every disguise that the URL parser sees through
  ...[
    '2130706433/',
    '0x7f000001/',
    '0177.0.0.1/',
    '127.1/',
    '①②⑦.⓪.⓪.①/',
    '127.0.0.1。/',
    'example.com@127.0.0.1/',
    '127.0.0.1\\@example.com/',
    '0/',
    '2852039166/',
    '0xa9.0xfe.0xa9.0xfe/',
    '1.1.1.1 &@2.2.2.2# @3.3.3.3/',
    '127.0.0.1/',
    '127.0.0.1./',
    '10.0.0.1/',
    '192.168.0.1:443/',
    // IPv6
    '[::1]/',
    '[::]/',
    '[::ffff:169.254.169.254]/',
    '[::ffff:a9fe:a9fe]/',
    '[64:ff9b::a9fe:a9fe]/',
    '[2002:7f00:1::]/',
    '[fe80::1%25eth0]/',
    '[fd00:ec2::254]/',
    '[ff02::1]/',
    '[2001:0:7f00:1::f7f7:f7f7]/',
    // names
    'localhost/',
    'LOCALHOST./',
    'a.localhost/',
    'localhost.localdomain/',
    'metadata.google.internal/',
    'metadata/',
    'redis:443/',
    'nas.local/',
    'db.internal/',
    'router.home.arpa/',
    // ports
    'example.com:6379/',
    'example.com:22/',
    'example.com:0/',
    'example.com:8080/',
    'example.com:65536/',
    // user info
    'user:pass@example.com/',
    'user@example.com/',
    ':pass@example.com/',
    '',
    '/',
    'exa mple.com/',
    'example.com\r\nHost: x/y z@1',
    '.',
  ].flatMap(schemes),
  // schemes
  'http://example.com/',
  'http://example.com:443/',
  'ftp://example.com/x',
  'data:image/png;base64,AAAA',
  'blob:https://example.com/1',
  'file:///etc/passwd',
  'gopher://example.com/',
  'javascript:alert(1)',
  '//example.com/x',
  'example.com/x',
  '',
  'https:',
  'ws://example.com/',
  `https://example.com/${'x'.repeat(9000)}`,
])('%j is refused', (url) => {
  expect(verdict(url)).toBe('url_not_allowed')
})

test.each([
  'https://example.com/cat.mp4?sig=1',
  'https://example.com:443/',
  'https://example.com:80/',
  'https://1.1.1.1/',
  'https://[2606:4700:4700::1111]/',
  'https://bücher.example/x',
  'https://169.254.169.254.nip.io/',
  'HTTPS://EXAMPLE.COM/',
])('%j is not refused by how it looks', (url) => {
  expect(verdict(url)).toBe('allowed')
})

test.each([
  ['http://127.0.0.1:8080/x', ['127.0.0.0/8'], 'allowed'],
  ['http://127.0.0.1:8080/x', ['127.0.0.1'], 'allowed'],
  ['http://127.0.0.1:8080/x', ['127.0.0.1:8080'], 'allowed'],
  ['http://127.0.0.1:8081/x', ['127.0.0.1:8080'], 'url_not_allowed'],
  ['http://127.0.0.2:8080/x', ['127.0.0.1'], 'url_not_allowed'],
  ['http://[::ffff:127.0.0.1]:8080/x', ['127.0.0.1'], 'allowed'],
  ['http://[::1]:8080/x', ['::1/128'], 'allowed'],
  ['http://[::1]:8080/x', ['[::1]:8080'], 'allowed'],
  ['http://[::1]/x', ['127.0.0.0/8'], 'url_not_allowed'],
  ['http://localhost:8080/x', ['localhost'], 'allowed'],
  ['http://localhost:8080/x', ['127.0.0.1'], 'allowed'],
  ['http://localhost:8080/x', ['10.0.0.0/8'], 'url_not_allowed'],
  ['http://nas:8080/x', ['10.0.0.0/8'], 'allowed'],
  ['http://metadata.google.internal/x', ['10.0.0.0/8'], 'url_not_allowed'],
  ['http://example.com:6379/x', ['10.0.0.0/8'], 'url_not_allowed'],
  ['http://example.com:8080/x', ['example.com'], 'allowed'],
  ['http://EXAMPLE.com.:8080/x', ['Example.com.'], 'allowed'],
  ['http://example.com:8080/x', ['example.com:8081'], 'url_not_allowed'],
  ['http://a.example.com/x', ['*.example.com'], 'allowed'],
  ['http://example.com/x', ['*.example.com'], 'url_not_allowed'],
  ['http://evilexample.com/x', ['*.example.com', 'example.com'], 'url_not_allowed'],
  ['ftp://127.0.0.1/x', ['127.0.0.1'], 'url_not_allowed'],
  ['http://user@127.0.0.1/x', ['127.0.0.1'], 'url_not_allowed'],
])('%j with FETCH_ALLOW=%j is %s', (url, allow, expected) => {
  expect(verdict(url, allow)).toBe(expected)
})

test('a public name that resolves to an inner address is refused, unless that network or name is allowed', () => {
  const url = new URL('https://cdn.example.com/x')
  const judge =
    (address: string, allow: string[] = []) =>
    () =>
      checkAddress({ url, address, allow })
  expect(judge('93.184.216.34')).not.toThrow()
  for (const address of ['127.0.0.1', '::1', '10.1.2.3', '169.254.169.254', 'fd00::1', 'not an address'])
    expect(judge(address)).toThrow(SluiceError)
  expect(judge('10.1.2.3', ['10.0.0.0/8'])).not.toThrow()
  expect(judge('10.1.2.3', ['cdn.example.com'])).not.toThrow()
  expect(judge('11.1.2.3', ['10.0.0.0/8'])).not.toThrow()
  const plain = new URL('http://nas:8080/x')
  expect(() => checkAddress({ url: plain, address: '93.184.216.34', allow: ['10.0.0.0/8'] })).toThrow(/not https/)
})

test('no message repeats the query, which holds signatures', () => {
  expect.assertions(2)
  for (const url of ['http://127.0.0.1/x?sig=canary', 'http://canary:canary@example.com/?canary'])
    try {
      checkUrl(url, { allow: [] })
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain('canary')
    }
})

test.each(['', '*', 'a b', 'http://x', '10.0.0.0/33', '[::1', '1.2.3.4:x', 'exa_mple!', '*.', '10.0.0.0/8:80'])(
  '%j is no FETCH_ALLOW entry',
  (entry) => {
    expect(parseAllowEntry(entry)).toBeUndefined()
  },
)

test('whatever it is given, it allows only http and https without user info, or says url_not_allowed', () => {
  const part = fc.oneof(
    fc.webUrl(),
    fc.string(),
    fc.ipV4().map((ip) => `http://${ip}/`),
    fc.ipV6().map((ip) => `https://[${ip}]/`),
  )
  fc.assert(
    fc.property(part, fc.array(fc.oneof(fc.string(), fc.ipV4())), (text, allow) => {
      expect(['allowed', 'url_not_allowed']).toContain(verdict(text, allow))
    }),
  )
})
