import type { Http } from './http.ts'
import { isPassing, restAfter } from './http.ts'
import { pause } from './pause.ts'
import { type Message, readMessages } from './sse.ts'
import type { Asset } from './types.ts'

export type AssetEventType =
  `asset.${'created' | 'uploaded' | 'playable' | 'ready' | 'failed' | 'cancelled' | 'deleted'}`

/** Something that happened to an asset; `data` is the asset as it is now. */
export type AssetEvent = { type: AssetEventType | 'asset.progress'; timestamp: string; data: Asset }

/** The same with its id, to go on after; `asset.progress` has none. */
export type HeardEvent = AssetEvent & { id: string | undefined }

export type EventOptions = {
  /** Of this asset alone, from its beginning. */
  assetId?: string
  /** Go on after this event; else with what comes from now on. */
  after?: string
  signal?: AbortSignal
}

/** The server says something every 15 s; who hears nothing for this long listens to a dead line. */
const silenceMs = 45_000

/** Events as they happen, for ever: over broken connections too, each once. Ends when the loop is left or the signal aborts. */
export async function* listen(http: Http, options: EventOptions): AsyncGenerator<HeardEvent, void, undefined> {
  const { assetId, signal } = options
  const path = assetId === undefined ? '/v1/events' : `/v1/assets/${encodeURIComponent(assetId)}/events`
  let last = options.after
  let restMs = 1_000
  for (let failures = 0; ; ) {
    const line = lifeline(signal)
    try {
      const headers = { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) }
      const { body } = await http.send(path, { headers, signal: line.signal, patient: true })
      for await (const { id, message, retryMs } of body === null ? [] : readMessages(body)) {
        line.heard()
        failures = 0
        restMs = retryMs ?? restMs
        last = id ?? last
        if (message !== undefined) yield eventOf(message)
      }
      await pause(restMs, signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (!isPassing(error)) throw error
      await pause(Math.max(restMs, restAfter(error, failures++)), signal)
    } finally {
      line.end()
    }
  }
}

const eventOf = ({ id, data }: Message): HeardEvent => ({ ...(JSON.parse(data) as AssetEvent), id })

/** Aborts with the signal given, and when nothing is heard for too long. */
function lifeline(outer: AbortSignal | undefined) {
  const controller = new AbortController()
  const silent = () => controller.abort(new Error('the event stream fell silent'))
  const passOn = () => controller.abort(outer?.reason)
  let timer = setTimeout(silent, silenceMs)
  if (outer?.aborted) passOn()
  outer?.addEventListener('abort', passOn, { once: true })
  return {
    signal: controller.signal,
    heard() {
      clearTimeout(timer)
      timer = setTimeout(silent, silenceMs)
    },
    end() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', passOn)
      controller.abort()
    },
  }
}
