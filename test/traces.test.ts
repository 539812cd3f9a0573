import { openAsBlob } from 'node:fs'
import { createServer } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../core/config.ts'
import { waitUntil } from '../core/db/embedded/wait-until.ts'
import { createLogger } from '../core/logger.ts'
import { noTracing, openTracing } from '../core/tracing/tracing.ts'
import { makeClip } from '../fixtures/make.ts'
import { atEnd } from './setup/at-end.ts'
import { collector, type ToldSpan } from './setup/collector.ts'
import { liveHouse } from './setup/live-house.ts'
import { patienceMs } from './setup/patience-ms.ts'
import { tempFolder } from './setup/temp-folder.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const caller = '00f067aa0ba902b7'
const requestId = 'order-66:upload'

describe('a film that is posted as a part of its caller’s trace', () => {
  let spans: ToldSpan[]
  let lines: Record<string, unknown>[]
  beforeAll(async () => {
    const listener = await collector()
    spans = listener.spans
    const house = await liveHouse({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${listener.url}/` }, quick: true })
    const worker = await house.worker()
    const form = new FormData()
    form.set('profile', 'fast')
    form.set(
      'file',
      await openAsBlob(await makeClip({ name: 'anamorphic', folder: await tempFolder() })),
      'my name.mp4',
    )
    const headers = { traceparent: `00-${trace}-${caller}-01`, 'x-request-id': requestId }
    const answer = await fetch(`${house.url}/v1/assets`, { method: 'POST', body: form, headers })
    expect(answer.headers.get('x-request-id')).toBe(requestId)
    const { id } = (await answer.json()) as { id: string }
    await house.client.waitUntilReady(id)
    // What was not sent yet is sent on the way out.
    worker.kill('SIGTERM')
    house.api.kill('SIGTERM')
    expect(await Promise.all([worker.ended, house.api.ended])).toEqual([0, 0])
    lines = worker
      .log()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
  })
  const ours = () => spans.filter(({ traceId }) => traceId === trace)
  const named = (name: string) => ours().filter((span) => span.name === name)

  it('is one trace from the request through the queue to ffmpeg and to the store, over two processes', () => {
    const [post, ...others] = named('POST /v1/assets')
    expect(others).toEqual([])
    expect(post).toMatchObject({ parentSpanId: caller, service: 'sluice-api' })
    for (const name of ['wait for intake', 'task inspect', 'wait for video', 'task encode', 'task publish']) {
      expect(named(name).length, name).toBeGreaterThan(0)
      for (const span of named(name))
        expect(span).toMatchObject({ parentSpanId: post?.spanId, service: 'sluice-worker' })
    }
    // Pieces are put away while ffmpeg makes the next.
    const steps = ours().filter(({ name }) => name === 'ffmpeg' || name.startsWith('task '))
    const parents = new Set(steps.map(({ spanId }) => spanId))
    const encodes = new Set(named('task encode').map(({ spanId }) => spanId))
    expect(named('ffmpeg').some(({ parentSpanId = '' }) => encodes.has(parentSpanId))).toBe(true)
    const puts = named('storage put').filter(({ service }) => service === 'sluice-worker')
    expect(puts.length).toBeGreaterThan(3)
    for (const { parentSpanId = '' } of puts) expect(parents).toContain(parentSpanId)
    expect(named('storage put').some(({ parentSpanId }) => parentSpanId === post?.spanId)).toBe(true)
  })

  it('says nothing in it but what is ours: no name of a file, no address', () => {
    const keys = new Set(ours().flatMap(({ attributes }) => attributes.map(({ key }) => key)))
    for (const key of keys)
      expect(key).toMatch(/^(http\.(request\.method|route|response\.status_code)|sluice\.[a-z.]+)$/)
    expect(JSON.stringify(ours())).not.toContain('my name')
  })

  it('leaves the id of the request on every line of its tasks', () => {
    const ofTasks = lines.filter((line) => 'taskId' in line)
    expect(ofTasks.length).toBeGreaterThan(4)
    for (const line of ofTasks) expect(line['requestId']).toBe(requestId)
  })
})

describe('a collector', () => {
  const log = createLogger({ level: 'warn', name: 'test' }, { write: (line) => void said.push(line) })
  const said: string[] = []
  const open = (endpoint: string | undefined) =>
    openTracing({
      config: loadConfig(endpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
      part: 'api',
      log,
    })

  it('that takes a connection and says nothing holds nobody up, not even at the end', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    atEnd(async () => silent.close())
    const address = silent.address()
    const tracing = await open(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
    const startedAt = performance.now()
    for (let n = 0; n < 5_000; n++) {
      const span = tracing.begin('GET /v1/assets')
      expect(await span.within(() => tracing.step('storage put', {}, async () => n))).toBe(n)
      span.end()
    }
    await tracing.close()
    expect(performance.now() - startedAt).toBeLessThan(patienceMs)
    expect(said.join('')).toContain('the last spans were not sent')
  })

  it('that is away is complained of once, not a hundred times', async () => {
    said.length = 0
    const tracing = await open('http://user:hidden@127.0.0.1:1')
    tracing.begin('one').end()
    await waitUntil({
      what: 'a complaint',
      timeoutMs: patienceMs,
      ask: () => (said.join('').includes('the collector takes no spans') ? true : undefined),
    })
    tracing.begin('two').end()
    await tracing.close()
    expect(said.filter((line) => line.includes('the collector takes no spans'))).toHaveLength(1)
    expect(said.join('')).not.toContain('hidden')
  })

  it('that is not set is not looked for, and a caller’s trace is handed on all the same', async () => {
    expect(await open(undefined)).toBe(noTracing)
    const parent = `00-${trace}-${caller}-01`
    expect(noTracing.begin('GET /v1/assets', { parent }).traceparent).toBe(parent)
  })
})
