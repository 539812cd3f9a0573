import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { fetchFrom, origin, refusal } from './download-bench.ts'

const file = randomBytes(300_000)
const tag = '"v1"'
const quick = { maxBytes: 1_000_000, pauseMs: 1 }

type Served = { response: ServerResponse; from: number; ranged: boolean; times: number }

/** Serves the file, or what a test makes of each request; `from` is where the caller wants to begin. */
async function serve(each: (served: Served) => void) {
  const site = await origin((request, response) => {
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
    each({ response, from: Number(from ?? 0), ranged: from !== undefined, times: site.asked.length })
  })
  const got = () => fetchFrom({ url: site.base, allow: site.allow, limits: quick })
  return { got, asked: site.asked }
}
const whole = (etag: string | undefined) => ({ 'content-length': file.length, ...(etag && { etag }) })
const part = (from: number, change: Record<string, string | number> = {}) => ({
  'content-range': `bytes ${from}-${file.length - 1}/${file.length}`,
  'content-length': file.length - from,
  etag: tag,
  ...change,
})
/** Sends so many bytes, then hangs up. */
const cut = (response: ServerResponse, bytes: Buffer) => response.write(bytes, () => response.destroy())

test('a body that breaks off is gone on with from its next byte, if it is still the same file', async () => {
  const { got, asked } = await serve(({ response, from, ranged }) => {
    if (!ranged) return cut(response.writeHead(200, whole(tag)), file.subarray(0, 100_000))
    return response.writeHead(206, part(from)).end(file.subarray(from))
  })
  expect((await got()).body.equals(file)).toBe(true)
  expect(asked).toHaveLength(2)
  expect(asked[1]?.headers).toMatchObject({ 'if-range': tag, 'accept-encoding': 'identity' })
  expect(asked[1]?.headers['range']).toMatch(/^bytes=[1-9]\d*-$/)
})

test('an origin that hangs up every 64 KB is read to its end', async () => {
  const { got, asked } = await serve(({ response, from, ranged }) => {
    if (ranged) response.writeHead(206, part(from))
    else response.writeHead(200, whole(tag))
    const piece = file.subarray(from, from + 65_536)
    if (from + piece.length === file.length) response.end(piece)
    else cut(response, piece)
  })
  expect((await got()).body.equals(file)).toBe(true)
  expect(asked.length).toBeGreaterThanOrEqual(5)
})

test('an origin that answers with a shorter range than was asked for is asked for the next', async () => {
  const { got } = await serve(({ response, from, ranged }) => {
    if (!ranged) return cut(response.writeHead(200, whole(tag)), file.subarray(0, 1_000))
    const piece = file.subarray(from, from + 99_000)
    const end = from + piece.length - 1
    const range = { 'content-range': `bytes ${from}-${end}/${file.length}`, 'content-length': piece.length }
    return response.writeHead(206, part(from, range)).end(piece)
  })
  expect((await got()).body.equals(file)).toBe(true)
})

test('where the connection is refused for a moment, it is tried again', async () => {
  const { got } = await serve(({ response, from, ranged, times }) => {
    if (!ranged) return cut(response.writeHead(200, whole(tag)), file.subarray(0, 1_000))
    if (times < 4) return times === 2 ? response.writeHead(503).end() : response.destroy()
    return response.writeHead(206, part(from)).end(file.subarray(from))
  })
  expect((await got()).body.equals(file)).toBe(true)
})

const other = Buffer.from(file).reverse()
const never = () => undefined
const doubtful: [string, string | undefined, (served: Served) => void][] = [
  ['it has no tag', undefined, never],
  ['its tag is weak', `W/${tag}`, never],
  ['it answers with the whole', tag, ({ response }) => response.writeHead(200, whole('"v2"')).end(other)],
  ['it has another tag', tag, ({ response, from }) => response.writeHead(206, part(from, { etag: '"v2"' })).end(other)],
  [
    'it begins elsewhere',
    tag,
    ({ response, from }) =>
      response
        .writeHead(206, part(from, { 'content-range': `bytes 0-${file.length - 1}/${file.length}` }))
        .end(file.subarray(from)),
  ],
  [
    'it has another length',
    tag,
    ({ response, from }) =>
      response
        .writeHead(206, part(from, { 'content-range': `bytes ${from}-${file.length}/${file.length + 1}` }))
        .end(file.subarray(from)),
  ],
  [
    'it says nothing of a range',
    tag,
    ({ response, from }) => response.writeHead(206, { etag: tag }).end(file.subarray(from)),
  ],
  [
    'it has no such range any more',
    tag,
    ({ response }) => response.writeHead(416, { 'content-type': 'text/html' }).end('x'),
  ],
]
test.each(doubtful)(
  'a file is read from its first byte where it cannot be known that it is the same: %s',
  async (_what, etag, rest) => {
    const { got } = await serve((served) => {
      const { response, times } = served
      if (served.ranged) return rest(served)
      if (times === 1) return cut(response.writeHead(200, whole(etag)), file.subarray(0, 100_000))
      return response.writeHead(200, whole('"v2"')).end(other)
    })
    expect((await got()).body.equals(other)).toBe(true)
  },
)

test('an address that dies in the middle is over at once', async () => {
  const { got, asked } = await serve(({ response, ranged }) =>
    ranged ? response.writeHead(403).end() : cut(response.writeHead(200, whole(tag)), file.subarray(0, 1_000)),
  )
  expect(await refusal(got())).toBe('source_expired')
  expect(asked).toHaveLength(2)
})

test.each([
  ['with a tag', tag],
  ['without', undefined],
])('an origin that never brings it to an end is left after a bounded number of tries, %s', async (_what, etag) => {
  const { got, asked } = await serve(({ response, from, ranged }) => {
    if (ranged) response.writeHead(206, part(from)).flushHeaders()
    else return cut(response.writeHead(200, whole(etag)), file.subarray(0, 1_000))
    return response.destroy()
  })
  expect(await refusal(got())).toBe('source_unavailable')
  expect(asked.length).toBeLessThan(10)
})

test('a rest with an encoding is refused', async () => {
  const { got } = await serve(({ response, from, ranged }) =>
    ranged
      ? response.writeHead(206, part(from, { 'content-encoding': 'gzip' })).end(file.subarray(from))
      : cut(response.writeHead(200, whole(tag)), file.subarray(0, 1_000)),
  )
  expect(await refusal(got())).toBe('source_invalid_response')
})
