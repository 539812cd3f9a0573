import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { SluiceError } from '../../core/errors.ts'
import { fetchFrom, origin, rawOrigin, refusal } from './download-bench.ts'

test('the bytes come with type, length and name, asked for plainly and without identity', async () => {
  const site = await origin((_request, response) => {
    response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': 5, 'set-cookie': 'a=b' }).end('bytes')
  })
  const seen: unknown[] = []
  const got = await fetchFrom({
    url: `${site.base}/a%20cat.mp4?sig=secret`,
    allow: site.allow,
    onBytes: (...args) => seen.push(args),
  })
  expect(got).toEqual({
    body: Buffer.from('bytes'),
    contentType: 'video/mp4',
    length: 5,
    filename: 'a cat.mp4',
    finalUrl: `${site.base}/a%20cat.mp4`,
  })
  expect(seen).toEqual([[5, 5]])
  expect(site.asked[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' })
  for (const header of ['cookie', 'authorization', 'referer']) expect(site.asked[0]?.headers[header]).toBeUndefined()
})

test.each([
  [400, 'source_expired', 'give_up'],
  [403, 'source_expired', 'give_up'],
  [404, 'source_expired', 'give_up'],
  [410, 'source_expired', 'give_up'],
  [204, 'source_invalid_response', 'give_up'],
  [206, 'source_invalid_response', 'give_up'],
  [304, 'source_invalid_response', 'give_up'],
  [302, 'source_invalid_response', 'give_up'],
  [405, 'source_invalid_response', 'give_up'],
  [408, 'source_unavailable', 'later'],
  [429, 'source_unavailable', 'later'],
  [500, 'source_unavailable', 'later'],
  [503, 'source_unavailable', 'later'],
])('status %i is %s: %s', async (status, code, fate) => {
  const site = await origin((_request, response) => response.writeHead(status).end())
  await expect(fetchFrom({ url: site.base, allow: site.allow })).rejects.toMatchObject({ code, fate })
})

test('a Retry-After is passed on', async () => {
  const site = await origin((_request, response) => response.writeHead(429, { 'retry-after': '7' }).end())
  await expect(fetchFrom({ url: site.base, allow: site.allow })).rejects.toMatchObject({ retryAfterMs: 7000 })
})

test.each([
  ['text/html; charset=utf-8', 'sign in'],
  ['video/mp4', '\n<!DOCTYPE html><title>expired</title>'],
  ['application/octet-stream', '<HTML><body>'],
])('a web page sent as %s in place of the file means that the address is over', async (type, page) => {
  const site = await origin((_request, response) => response.writeHead(200, { 'content-type': type }).end(page))
  expect(await refusal(fetchFrom({ url: site.base, allow: site.allow }))).toBe('source_expired')
})

test.each(['gzip', 'br', 'deflate', 'gzip, gzip, gzip', 'x'])(
  'content-encoding %s is refused unread',
  async (encoding) => {
    const site = await origin((_request, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(gzipSync(Buffer.alloc(1_000_000))),
    )
    expect(await refusal(fetchFrom({ url: site.base, allow: site.allow }))).toBe('source_invalid_response')
  },
)

test('too many bytes are refused by the promise, and else as soon as they come', async () => {
  const promised = await origin((_request, response) => response.writeHead(200, { 'content-length': 1001 }).write('x'))
  let sent = 0
  const endless = await origin((_request, response) => {
    const more = () => {
      while (!response.destroyed && sent < 30_000_000 && response.write(Buffer.alloc(16_384))) sent += 16_384
      if (sent >= 30_000_000) response.end()
    }
    response.on('drain', more)
    more()
  })
  for (const site of [promised, endless])
    expect(await refusal(fetchFrom({ url: site.base, allow: site.allow, limits: { maxBytes: 1000 } }))).toBe(
      'too_large',
    )
  expect(sent).toBeLessThan(20_000_000)
})

test.each([
  ['less than was promised', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour', 'source_unavailable', 'later'],
  [
    'a chunk cut short',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nfour',
    'source_unavailable',
    'later',
  ],
  ['nothing at all', '', 'source_unavailable', 'later'],
  ['an empty file', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'source_unavailable', 'retry'],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'source_invalid_response', 'retry'],
])('%s is tried again, and never taken for the file', async (_what, answer, code, fate) => {
  const site = await rawOrigin(answer)
  await expect(fetchFrom({ url: site.base, allow: site.allow })).rejects.toMatchObject({ code, fate })
})

const ok = 'HTTP/1.1 200 OK\r\n'
test.each([
  ['headers without end', `${ok}${'x: y\r\n'.repeat(20_000)}\r\n`],
  ['a header of a megabyte', `${ok}x: ${'y'.repeat(1_000_000)}\r\n\r\n`],
  ['two lengths', `${ok}Content-Length: 4\r\nContent-Length: 10\r\n\r\nfour`],
  ['a length beside chunks', `${ok}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n`],
  ['a length that is none', `${ok}Content-Length: -4\r\n\r\nfour`],
  ['a header split by a bare return', `${ok}x: a\rContent-Length: 4\r\n\r\nfour`],
  ['a chunk of a wrong size', `${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\nfour\r\n0\r\n\r\n`],
  ['trailers without end', `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n${'x: y\r\n'.repeat(20_000)}\r\n`],
  ['part of the file unasked', 'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/10\r\n\r\nfour'],
])('%s is refused', async (_what, answer) => {
  const site = await rawOrigin(answer)
  expect(await refusal(fetchFrom({ url: site.base, allow: site.allow }))).toBe('source_invalid_response')
})

test.each([
  ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'],
  ['leave to send what nobody sends', 'HTTP/1.1 100 Continue\r\n\r\n'],
])('%s is no file', async (_what, answer) => {
  const site = await rawOrigin(answer)
  expect(await refusal(fetchFrom({ url: site.base, allow: site.allow }))).toBe('source_unavailable')
})

test('whatever follows the promised length is no part of the file', async () => {
  const site = await rawOrigin(`${ok}Content-Length: 4\r\n\r\nfourHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad`)
  expect((await fetchFrom({ url: site.base, allow: site.allow })).body.toString()).toBe('four')
})

test('interim answers put nothing off: without a head in time it is left', async () => {
  const site = await rawOrigin('', { repeat: 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n' })
  const limits = { maxBytes: 100, connectMs: 150, headersMs: 150 }
  await expect(fetchFrom({ url: site.base, allow: site.allow, limits })).rejects.toMatchObject({
    code: 'source_unavailable',
    publicMessage: 'The origin did not answer in time',
  })
})

test('a server that accepts and says nothing, or stops in the middle, is left after the limit', async () => {
  const silent = await rawOrigin('', { hold: true })
  const stopped = await rawOrigin('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour', { hold: true })
  for (const site of [silent, stopped])
    await expect(
      fetchFrom({ url: site.base, allow: site.allow, limits: { maxBytes: 100, headersMs: 200, idleMs: 200 } }),
    ).rejects.toMatchObject({
      code: 'source_unavailable',
      publicMessage: 'The origin did not answer in time',
    })
})

test('a trickle that is never idle is still too slow', async () => {
  const site = await origin((_request, response) => {
    const timer = setInterval(() => response.write('x'), 20)
    response.on('close', () => clearInterval(timer))
  })
  const limits = { maxBytes: 1_000_000, rateWindowMs: 300 }
  await expect(fetchFrom({ url: site.base, allow: site.allow, limits })).rejects.toMatchObject({
    code: 'source_too_slow',
    fate: 'retry',
  })
  const short = { maxBytes: 1_000_000, totalMs: 300 }
  expect(await refusal(fetchFrom({ url: site.base, allow: site.allow, limits: short }))).toBe('source_too_slow')
})

test('an abort ends it at any moment with its reason, and closes the connection', async () => {
  const reason = new Error('cancelled')
  for (const answer of [undefined, 'half']) {
    const controller = new AbortController()
    const closed = Promise.withResolvers<void>()
    const site = await origin((request, response) => {
      request.socket.once('close', () => closed.resolve())
      if (answer) response.write(answer)
      else controller.abort(reason)
    })
    const onBytes = () => controller.abort(reason)
    await expect(fetchFrom({ url: site.base, allow: site.allow, signal: controller.signal, onBytes })).rejects.toBe(
      reason,
    )
    await closed.promise
  }
})

test('a failure of the sink comes out as it is, before or after the first byte', async () => {
  const site = await origin((_request, response) => void response.write(Buffer.alloc(100_000)))
  const failure = new SluiceError('no_space', { message: 'disk full' })
  const atOnce = fetchFrom({ url: site.base, allow: site.allow, into: () => Promise.reject(failure) })
  await expect(atOnce).rejects.toBe(failure)
  const later = fetchFrom({
    url: site.base,
    allow: site.allow,
    async into(body) {
      for await (const _chunk of body) throw failure
      return { body: Buffer.alloc(0) }
    },
  })
  await expect(later).rejects.toBe(failure)
})
