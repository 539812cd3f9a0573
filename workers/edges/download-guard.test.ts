import { expect, test } from 'vitest'
import { SluiceError } from '../../core/errors.ts'
import { canary, fetchFrom, origin, refusal } from './download-bench.ts'

test.each([
  'http://127.0.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://localhost:PORT/',
  'https://127.0.0.1:PORT/',
])('%s is never connected to', async (url) => {
  const bird = await canary()
  expect(await refusal(fetchFrom({ url: url.replace('PORT', String(bird.port)) }))).toBe('url_not_allowed')
  expect(bird.connections()).toBe(0)
})

test.each([
  [['127.0.0.1']],
  [['93.184.216.34', '127.0.0.1']],
  [['2606:4700:4700::1111', '::1']],
  [['93.184.216.34', '::ffff:a9fe:a9fe']],
])('a public name that resolves to %j is refused before any connection', async (addresses) => {
  expect(await refusal(fetchFrom({ url: 'https://cdn.example.com/x', resolve: async () => addresses }))).toBe(
    'url_not_allowed',
  )
})

test('a name that changes its answer is asked once for each connection, and the judged answer is the one connected to', async () => {
  const site = await origin((_request, response) => response.end('bytes'))
  const bird = await canary()
  const answers = [['127.0.0.1'], ['127.0.0.2']]
  const got = await fetchFrom({
    url: `http://cdn.example.com:${site.port}/x`,
    allow: ['cdn.example.com'],
    resolve: async () => answers.shift() ?? [],
  })
  expect(got.body.toString()).toBe('bytes')
  expect(answers).toEqual([['127.0.0.2']])
  expect(site.asked[0]?.headers['host']).toBe(`cdn.example.com:${site.port}`)
  expect(bird.connections()).toBe(0)
})

test('an allowed network lets a name pass only when it resolves into it', async () => {
  const site = await origin((_request, response) => response.end('bytes'))
  const url = `http://nas:${site.port}/x`
  const allow = ['127.0.0.0/8']
  expect(await refusal(fetchFrom({ url, allow, resolve: async () => ['127.0.0.1'] }))).toBe('fetched')
  expect(await refusal(fetchFrom({ url, allow, resolve: async () => ['10.0.0.1'] }))).toBe('url_not_allowed')
  expect(await refusal(fetchFrom({ url, allow, resolve: async () => ['127.0.0.1', '10.0.0.1'] }))).toBe(
    'url_not_allowed',
  )
})

test('where the socket ends up counts, whatever address was judged before', async () => {
  const site = await origin((_request, response) => response.end('bytes'))
  const url = `http://nas:${site.port}/x`
  const resolve = async () => ['0.0.0.0']
  // This machine takes 0.0.0.0 for itself: the address that was allowed is not the one that answers.
  expect(await refusal(fetchFrom({ url, allow: ['0.0.0.0'], resolve }))).toBe('url_not_allowed')
  expect(site.asked).toEqual([])
  expect(await refusal(fetchFrom({ url, allow: ['0.0.0.0', '127.0.0.1'], resolve }))).toBe('fetched')
})

test('an address that does not connect gives way to the next one of its name', async () => {
  const site = await origin((_request, response) => response.end('bytes'))
  const url = `http://nas:${site.port}/x`
  const got = await fetchFrom({ url, allow: ['127.0.0.0/8'], resolve: async () => ['127.0.0.9', '127.0.0.1'] })
  expect(got.body.toString()).toBe('bytes')
})

test('proxies of the environment are not asked', async () => {
  const site = await origin((_request, response) => response.end('bytes'))
  const bird = await canary()
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY']
  for (const name of names) process.env[name] = `http://127.0.0.1:${bird.port}`
  expect(await refusal(fetchFrom({ url: site.base, allow: site.allow }))).toBe('fetched')
  for (const name of names) delete process.env[name]
  expect(bird.connections()).toBe(0)
})

test('three redirects are followed, each judged; a fourth is too many', async () => {
  const site = await origin((request, response) => {
    const left = Number(request.url?.slice(1))
    if (left > 0) response.writeHead([301, 302, 307, 308][left % 4] ?? 302, { location: `/${left - 1}` }).end('moved')
    else response.end('bytes')
  })
  expect((await fetchFrom({ url: `${site.base}/3`, allow: site.allow })).finalUrl).toBe(`${site.base}/0`)
  expect(await refusal(fetchFrom({ url: `${site.base}/4`, allow: site.allow }))).toBe('source_invalid_response')
})

test.each([
  'http://127.0.0.1:PORT/',
  '//127.0.0.1:PORT/',
  'http://localhost:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:PORT/',
  'https://user:pass@example.com/',
])('a redirect to %s is refused and never followed', async (location) => {
  const bird = await canary()
  const site = await origin((_request, response) =>
    response.writeHead(302, { location: location.replace('PORT', String(bird.port)) }).end('x'.repeat(100_000)),
  )
  expect(await refusal(fetchFrom({ url: site.base, allow: site.allow }))).toBe('url_not_allowed')
  expect(bird.connections()).toBe(0)
})

test('no error tells the query of the address, which holds signatures', async () => {
  const site = await origin((_request, response) => response.writeHead(403).end())
  const bird = await canary()
  for (const url of [
    `${site.base}/x?sig=CANARY`,
    `http://127.0.0.1:${bird.port}/?sig=CANARY`,
    'http://127.0.0.1:1/?sig=CANARY',
  ]) {
    const error = await fetchFrom({ url, allow: [...site.allow, '127.0.0.1:1'] }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(SluiceError)
    if (error instanceof SluiceError)
      expect([error.message, error.publicMessage, String(error.cause)].join()).not.toContain('CANARY')
  }
})
