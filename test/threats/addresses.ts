/** One row of the page of threats: what is tried, and what becomes of it. `PORT` is one on which somebody listens who must never be called. */
export type AddressThreat = {
  threat: 'B1' | 'B2' | 'B3' | 'B4' | 'B5' | 'B6' | 'B7'
  input: string
  code: 'url_not_allowed' | 'source_invalid_response'
  /** Words of the refusal, so that a row shows the rule that it is about and not another one. */
  because: RegExp
}

const notPublic = /not public/
const noUrl = /^The address|^This address/

const both = (rest: string) => [`http://${rest}`, `https://${rest}`]

/** What is refused as soon as it is sent, and by the worker again. */
export const visible: AddressThreat[] = [
  ...[
    '2130706433:PORT/',
    '0x7f000001:PORT/',
    '0177.0.0.1:PORT/',
    '127.1:PORT/',
    '①②⑦.⓪.⓪.①:PORT/',
    '127.0.0.1。:PORT/',
    '127.0.0.1.:PORT/',
    '0:PORT/',
    '0.0.0.0:PORT/',
    '127.0.0.1:PORT/',
    '127.255.255.254:PORT/',
    '10.0.0.1/',
    '172.16.0.1/',
    '192.168.0.1/',
    '100.64.0.1/',
    '192.0.0.1/',
    '198.18.0.1/',
    '224.0.0.1/',
    '240.0.0.1/',
    '255.255.255.255/',
    '2852039166/',
    '0xa9.0xfe.0xa9.0xfe/',
    '169.254.169.254/latest/meta-data/',
  ].flatMap((rest) => both(rest).map((input) => row('B1', input, notPublic))),
  row('B1', 'http://example.com@127.0.0.1:PORT/', /user name/),
  row('B1', 'http://127.0.0.1:PORT\\@example.com/', notPublic),
  row('B1', 'http://1.1.1.1 &@2.2.2.2# @3.3.3.3/', /user name/),
  ...[
    '[::1]:PORT/',
    '[::]:PORT/',
    '[0:0:0:0:0:0:0:1]:PORT/',
    '[::ffff:127.0.0.1]:PORT/',
    '[::ffff:7f00:1]:PORT/',
    '[::127.0.0.1]:PORT/',
    '[::ffff:169.254.169.254]/',
    '[::ffff:a9fe:a9fe]/',
    '[64:ff9b::a9fe:a9fe]/',
    '[64:ff9b::7f00:1]:PORT/',
    '[64:ff9b:1::7f00:1]:PORT/',
    '[2002:7f00:1::]:PORT/',
    '[2001:0:7f00:1::f7f7:f7f7]/',
    '[fd00:ec2::254]/',
    '[fc00::1]/',
    '[fe80::1]/',
    '[ff02::1]/',
    '[100::1]/',
    '[2001:db8::1]/',
  ].flatMap((rest) => both(rest).map((input) => row('B2', input, notPublic))),
  row('B2', 'http://[fe80::1%25eth0]/', noUrl),
  ...['localhost:PORT/', 'LOCALHOST.:PORT/', 'a.localhost:PORT/', 'localhost.localdomain:PORT/'].flatMap((rest) =>
    both(rest).map((input) => row('B3', input, notPublic)),
  ),
  row('B3', 'http://metadata.google.internal/computeMetadata/v1/', /metadata/),
  row('B3', 'https://metadata/', /metadata/),
  row('B3', 'https://redis:443/', /private network/),
  row('B3', 'https://db.internal/', /private network/),
  ...[':6379', ':22', ':0', ':8080', ':9200'].map((port) => row('B6', `https://example.com${port}/`, /port/)),
  row('B6', 'http://example.com/', /not https/),
  ...['ftp://example.com/x', 'data:image/png;base64,AAAA', 'blob:https://example.com/1', 'file:///etc/passwd'].map(
    (input) => row('B6', input, /only http and https/),
  ),
  ...['gopher://127.0.0.1:PORT/_SET', 'ws://127.0.0.1:PORT/', 'javascript:alert(1)'].map((input) =>
    row('B6', input, /only http and https/),
  ),
  row('B6', 'https://user:pass@example.com/', /user name/),
  row('B6', 'https://example.com\r\nHost: x/ y@1', noUrl),
]

/** Names that look like any other: what they resolve to shows it, to whoever connects. */
export const resolved: (AddressThreat & { answer: { addresses: string[]; alias?: string } })[] = [
  { addresses: ['127.0.0.1'] },
  { addresses: ['::1'] },
  { addresses: ['169.254.169.254'] },
  { addresses: ['0.0.0.0'] },
  { addresses: ['93.184.216.34', '127.0.0.1'] },
  { addresses: ['93.184.216.34', '::1'] },
  { addresses: ['2606:4700:4700::1111', '10.0.0.1'] },
  { addresses: ['::ffff:127.0.0.1'] },
  { addresses: ['64:ff9b::7f00:1'] },
  { alias: 'inner.example.com', addresses: ['127.0.0.1'] },
].map((answer, n) => ({ ...row('B3', `https://name-${n}.example.com/`, notPublic), answer }))

/** Where an origin that is allowed sends us on to. */
export const redirects: AddressThreat[] = [
  ...['http://127.0.0.1:PORT/', '//127.0.0.1:PORT/', 'http://[::1]:PORT/', 'http://[::ffff:7f00:1]:PORT/'].map(
    (input) => row('B4', input, notPublic),
  ),
  row('B4', 'http://localhost:PORT/', notPublic),
  row('B4', 'http://169.254.169.254/latest/meta-data/', notPublic),
  row('B4', 'https://rebinds.example.com/', notPublic),
  row('B4', 'file:///etc/passwd', /only http and https/),
  row('B4', 'gopher://127.0.0.1:PORT/', /only http and https/),
  row('B4', 'https://user:pass@example.com/', /user name/),
  row('B4', 'https://example.com:6379/', /port/),
  { ...row('B4', '/again', /redirects too often/), code: 'source_invalid_response' },
]

function row(threat: AddressThreat['threat'], input: string, because: RegExp): AddressThreat {
  return { threat, input, code: 'url_not_allowed', because }
}
