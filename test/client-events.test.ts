import { beforeAll, describe, expect, it } from 'vitest'
import { type HeardEvent, Sluice } from '../client/index.ts'
import { readMessages } from '../client/sse.ts'
import { insertEvent } from '../core/db/events.ts'
import { keyedApp } from './setup/app.ts'
import { atEnd } from './setup/at-end.ts'
import type { TestHouse } from './setup/house.ts'

let house: TestHouse
let url: string
let key: string
let sluice: Sluice
beforeAll(async () => {
  const keyed = await keyedApp()
  house = keyed.house
  key = await keyed.keyFor('acme', ['assets'])
  url = await keyed.app.listen({ host: '127.0.0.1', port: 0 })
  sluice = new Sluice({ url, key })
  // The sockets that `fetch` keeps in reserve are not waited for.
  atEnd(async () => keyed.app.server.closeAllConnections())
})
const source = { url: 'https://example.com/cat.mp4' }

/** Hears until as many events came as wanted. */
async function hear(
  client: Sluice,
  options: { assetId?: string; after?: string },
  count: number,
): Promise<HeardEvent[]> {
  const heard: HeardEvent[] = []
  for await (const event of client.events(options)) {
    if (event.id !== undefined) heard.push(event)
    if (heard.length === count) break
  }
  return heard
}

describe('events', () => {
  it('come as they happen, each with its asset, and go on after the last that was heard', async () => {
    const { id } = await sluice.createAsset({ source })
    const [created] = await hear(sluice, { assetId: id }, 1)
    expect(created).toMatchObject({ type: 'asset.created', data: { id } })
    const coming = hear(sluice, { assetId: id, after: created?.id ?? '' }, 1)
    await sluice.cancel(id)
    expect(await coming).toMatchObject([{ type: 'asset.cancelled', data: { id, status: 'cancelled' } }])
  })

  it('are heard once each over lines that break after every one', async () => {
    const { id } = await sluice.createAsset({ source })
    await sluice.cancel(id)
    await sluice.reprocess(id).catch(() => undefined)
    const whole = await hear(sluice, { assetId: id }, 2)
    let lines = 0
    const breaking = new Sluice({
      url,
      key,
      fetch: async (input, init) => brokenAfterOne(await fetch(input, init), () => lines++),
    })
    expect(await hear(breaking, { assetId: id }, 2)).toEqual(whole)
    expect(lines).toBeGreaterThan(1)
  })

  it('are not missed over a line that breaks before the first', async () => {
    let lines = 0
    const breaking = new Sluice({
      url,
      key,
      fetch: async (input, init) => {
        const response = await fetch(input, init)
        return lines++ === 0 ? cut(response, (text, data) => text.slice(0, text.lastIndexOf('id: ', data))) : response
      },
    })
    const heard = hear(breaking, {}, 1)
    await expect.poll(() => lines).toBe(1)
    const lost = await sluice.createAsset({ source })
    await expect.poll(() => lines).toBe(2)
    // Whoever begins anew hears of this one first.
    await sluice.createAsset({ source })
    expect((await heard).map(({ data }) => data.id)).toEqual([lost.id])
  })

  it('are refused where there is nothing to hear, and end with the signal', async () => {
    const never = sluice.events({ assetId: '01981f6e-3c00-7000-8000-000000000001' })
    await expect(never.next()).rejects.toMatchObject({ code: 'not_found' })
    const controller = new AbortController()
    const quiet = sluice.events({ signal: controller.signal }).next()
    controller.abort(new Error('enough'))
    await expect(quiet).rejects.toThrow('enough')
  })

  /** The line ends when one event has passed. */
  function brokenAfterOne(response: Response, onLine: () => void): Response {
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response
    onLine()
    return cut(response, (text, data) => text.slice(0, text.indexOf('\n\n', data) + 2))
  }

  /** The line ends with the first event, of which so much passes. */
  function cut(response: Response, passing: (text: string, data: number) => string): Response {
    if (response.body === null) return response
    const reader = response.body.getReader()
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const text = new TextDecoder().decode((await reader.read()).value)
        const data = text.indexOf('\ndata: ')
        controller.enqueue(new TextEncoder().encode(data < 0 ? text : passing(text, data)))
        if (data < 0) return
        await reader.cancel()
        controller.close()
      },
      cancel: () => reader.cancel(),
    })
    return new Response(body, { status: response.status, headers: response.headers })
  }
})

describe('waiting', () => {
  it.each([
    ['by events', (() => undefined) as () => Response | undefined],
    ['by asking, where a proxy lets no events through', () => new Response('no', { status: 403 })],
  ])('ends when the asset is ready: %s', async (_how, instead) => {
    const { id } = await sluice.createAsset({ source })
    const isStream = (input: unknown) => String(input).endsWith('/events')
    const client = new Sluice({
      url,
      key,
      fetch: async (input, init) => (isStream(input) ? instead() : undefined) ?? fetch(input, init),
    })
    let looks = 0
    const waited = client.waitUntilReady(id, { onChange: () => looks++ })
    await expect.poll(() => looks).toBeGreaterThan(0)
    await house.db.transaction().execute(async (trx) => {
      await trx.updateTable('assets').set({ status: 'ready', playable: true }).where('id', '=', id).execute()
      await insertEvent(trx, { asset: { id, tenant: 'acme' }, type: 'asset.ready' })
    })
    expect(await waited).toMatchObject({ id, status: 'ready' })
  })
})

describe('an event stream', () => {
  const read = async (...chunks: string[]) => {
    const said: unknown[] = []
    const body = new Blob(chunks).stream()
    for await (const piece of readMessages(body)) said.push(piece.message ?? piece.id ?? piece.retryMs ?? 'alive')
    return said
  }

  it('is read as the standard says: any end of line, comments, several lines of data, letters cut in two', async () => {
    expect(await read('retry: 20\n\n: quiet\n\n')).toEqual([20, 'alive'])
    expect(await read('id: 1\r\nevent: a\r\ndata: ü\r\ndata:b\r\n\r\n')).toEqual([
      { id: '1', event: 'a', data: 'ü\nb' },
    ])
    expect(await read('id: 1\n\nid: 2\n')).toEqual(['1'])
    expect(await read('data: unfinished\n')).toEqual([])
    const bytes = new TextEncoder().encode('data: ü\n\n')
    const halves = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, 7))
        controller.enqueue(bytes.slice(7))
        controller.close()
      },
    })
    const [piece] = await Array.fromAsync(readMessages(halves))
    expect(piece?.message?.data).toBe('ü')
  })
})
