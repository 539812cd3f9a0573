import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { atEnd } from './setup/at-end.ts'
import { testHouse } from './setup/house.ts'

let port = 0
beforeAll(async () => {
  const app = await buildApp(await testHouse())
  atEnd(() => app.close())
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
})

/** Over a bare socket, since clients refuse to send most of this. */
async function send(
  type: string | undefined,
  body: string | Buffer,
  path = '/v1/assets',
  method = 'POST',
  more: string[] = [],
) {
  const bytes = Buffer.from(body)
  const socket = connect(port, '127.0.0.1')
  const usual = ['Host: localhost', 'Connection: close', `Content-Length: ${bytes.length}`]
  const head = [`${method} ${path} HTTP/1.1`, ...usual, ...more]
  socket.write(
    Buffer.concat([
      Buffer.from(`${[...head, ...(type === undefined ? [] : [`Content-Type:${type}`])].join('\r\n')}\r\n\r\n`),
      bytes,
    ]),
  )
  const answer = await text(socket)
  const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? []
  const [, code] = /"code":"(\w+)"/.exec(answer) ?? []
  return { status: Number(status), code, answer }
}

const source = '"source":{"url":"https://example.com/a.mp4"}'
const json = 'application/json'
const good = `{${source}}`
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

describe('a content type', () => {
  it.each([
    ['application/json', 202],
    [' application/json ', 202],
    ['Application/JSON; charset=UTF-8', 202],
    ['application/json;charset="utf-8"', 202],
    ['application/json\ta', 415],
    ['application/json garbage', 415],
    ['application/json, text/plain', 415],
    ['application/jsonx', 415],
    ['application/x-json', 415],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=latin1', 415],
    ['application/json\u000ba', 400],
    ['application', 415],
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/xml', 415],
    ['*/*', 415],
    ['', 415],
    [undefined, 415],
    ['multipart/form-data', 400],
    ['multipart/form-data; boundary=', 400],
    [`multipart/form-data; boundary=${'x'.repeat(300)}`, 400],
    ['multipart/mixed; boundary=x', 415],
  ])('%j is answered with %i', async (type, status) => {
    const answer = await send(type, good)
    expect(answer.status).toBe(status)
    if (status === 415) expect(answer.code).toBe('unsupported_media_type')
  })
})

describe('a body', () => {
  it.each<[string, string | Buffer, number, string | undefined]>([
    ['with a byte order mark', `\ufeff${good}`, 202, undefined],
    ['in UTF-16', Buffer.from(good, 'utf16le'), 400, 'malformed_request'],
    [
      'in no encoding at all',
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
      400,
      'malformed_request',
    ],
    ['with a prototype', `{"__proto__":{"x":1},${source}}`, 400, 'malformed_request'],
    ['with a prototype further down', `{"metadata":{"__proto__":"x"},${source}}`, 400, 'malformed_request'],
    ['with a way to the prototype', `{"constructor":{"prototype":{"x":1}},${source}}`, 400, 'malformed_request'],
    ['with a name twice', `{"priority":"low","priority":"high",${source}}`, 400, 'malformed_request'],
    ['ten thousand deep', deep(10_000), 400, 'malformed_request'],
    ['with metadata ten thousand deep', `{"metadata":${deep(10_000)},${source}}`, 400, 'malformed_request'],
    ['with NUL', `{"externalId":"a\\u0000b",${source}}`, 400, 'invalid_request'],
    ['with NUL in a name', `{"metadata":{"a\\u0000":1},${source}}`, 400, 'invalid_request'],
    ['with half a character', `{"metadata":{"a":"\\udc00"},${source}}`, 400, 'invalid_request'],
    ['with a number past all numbers', `{"metadata":{"n":1e400},${source}}`, 400, 'invalid_request'],
    ['with a very small number', `{"metadata":{"n":-1e-400},${source}}`, 202, undefined],
    ['with a very long number', `{"metadata":{"n":${'9'.repeat(300)}},${source}}`, 202, undefined],
    ['with a number where a text is wanted', `{"externalId":12,${source}}`, 400, 'invalid_request'],
    [
      'of a megabyte of names',
      `{${Array.from({ length: 90_000 }, (_, n) => `"k${n}":1`).join(',')}}`,
      400,
      'malformed_request',
    ],
    [
      'of nine thousand unknown fields',
      `{${Array.from({ length: 9_000 }, (_, n) => `"k${n}":1`).join(',')}}`,
      400,
      'invalid_request',
    ],
    [
      'with more than 16 KiB of metadata',
      `{"metadata":{${Array.from({ length: 10 }, (_, n) => `"k${n}":"${'x'.repeat(2_000)}"`).join(',')}},${source}}`,
      400,
      'invalid_request',
    ],
    ['of two megabytes', `{"x":"${'x'.repeat(2_000_000)}"}`, 413, 'too_large'],
    ['that is a text', '"source"', 400, 'invalid_request'],
    ['that is null', 'null', 400, 'invalid_request'],
    ['that is empty', '', 400, 'invalid_request'],
    ['that is blank', '  ', 400, 'malformed_request'],
    ['with a comment', `{/* */${source}}`, 400, 'malformed_request'],
    ['with two values', `${good}${good}`, 400, 'malformed_request'],
  ])('%s is answered as it deserves', async (_what, body, status, code) => {
    const answer = await send(json, body)
    expect([answer.status, answer.code]).toEqual([status, code])
    expect(answer.answer.length).toBeLessThan(12_000)
  })

  it('is not echoed at length, whatever it holds', async () => {
    const { answer } = await send(json, `{"${'x'.repeat(100_000)}":1}`)
    expect(answer.length).toBeLessThan(2_000)
  })

  it('has polluted nothing', () => {
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

describe('an encoding', () => {
  const tus = ['Tus-Resumable: 1.0.0', 'Upload-Length: 4']
  it.each<[string, string, string, string | undefined, string[]]>([
    ['JSON', 'POST', '/v1/assets', json, []],
    ['a form', 'POST', '/v1/assets', 'multipart/form-data; boundary=x', []],
    ['a chunk', 'PUT', `/v1/uploads/${crypto.randomUUID()}/chunks/0`, undefined, []],
    ['a part', 'PUT', `/v1/uploads/${crypto.randomUUID()}/parts/1`, undefined, []],
    ['tus', 'POST', '/v1/tus', 'application/offset+octet-stream', tus],
  ])('of the body is refused, and never kept as the file: %s', async (_what, method, path, type, more) => {
    for (const encoding of ['gzip', 'identity, br', 'x'])
      expect(await send(type, gzipSync(good), path, method, [...more, `Content-Encoding: ${encoding}`])).toMatchObject({
        status: 415,
        code: 'unsupported_media_type',
      })
  })

  it('that changes nothing is none', async () => {
    expect((await send(json, good, '/v1/assets', 'POST', ['Content-Encoding: Identity'])).status).toBe(202)
  })
})

describe('a request', () => {
  it('of two hosts is refused', async () => {
    expect(await send(undefined, '', '/v1/assets', 'GET', ['Host: evil.example'])).toMatchObject({
      status: 400,
      code: 'malformed_request',
    })
  })

  it.each(['QUERY', 'PROPFIND', 'TRACE', 'LOCK', 'SEARCH'])('by %s is never our fault', async (method) => {
    for (const path of ['/v1/assets', '/v1/nowhere', '/media/x', '/v1/tus'])
      expect((await send(undefined, '', path, method)).answer).toMatch(/^HTTP\/1\.1 4\d\d[\s\S]*"code":/)
  })
})

describe('an address', () => {
  it.each([
    '/v1/assets?externalId=%00',
    '/v1/assets?externalId=a%00b',
    '/v1/assets?externalId=%ed%a0%80',
    '/v1/assets?createdAfter=%00',
    '/v1/assets?cursor=%00',
    '/v1/assets?cursor=AAAA',
    '/v1/assets?__proto__[x]=1',
    '/v1/assets?createdAfter=0000-01-01T00:00:00Z',
    '/v1/assets?createdAfter=9999-12-31T23:59:59Z',
    '/v1/assets?externalId=a&externalId=b',
    '/v1/assets/%00',
    '/v1/assets/%ed%a0%80',
    '/v1/assets/%2e%2e',
    '/v1/assets/..%2f..%2fetc%2fpasswd/tasks',
    '/media/%00',
    '/media/a%00b/c',
  ])('%s is never our fault', async (path) => {
    const { status } = await send(undefined, '', path, 'GET')
    expect(status).toBeLessThan(500)
    expect(status).toBeGreaterThanOrEqual(200)
  })
})

describe('a form', () => {
  const form = (fields: [string, string][]) =>
    `${fields
      .map(([name, value]) => `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
      .join('')}--x\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\n\r\nbytes\r\n--x--\r\n`
  it.each<[string, [string, string][]]>([
    ['a prototype for a field', [['__proto__', 'x']]],
    ['a constructor for a field', [['constructor', 'x']]],
    ['a prototype in its metadata', [['metadata', '{"__proto__":{"x":1}}']]],
    ['deep metadata', [['metadata', deep(5_000)]]],
    ['a name twice in its metadata', [['metadata', '{"a":1,"a":2}']]],
    ['NUL in its metadata', [['metadata', '{"a":"\\u0000"}']]],
    ['NUL in a field', [['externalId', 'a\0b']]],
    ['far too many fields', Array.from({ length: 50 }, (_, n) => [`k${n}`, 'x'])],
  ])('with %s is refused', async (_what, fields) => {
    expect(await send('multipart/form-data; boundary=x', form(fields))).toMatchObject({
      status: 400,
      code: 'invalid_request',
    })
  })
})
