/** @import { Asset } from './types.d.ts' */
import { authorization } from './key.js'

const restMs = 5_000

/**
 * Events as they happen. Read by `fetch`, because an EventSource cannot show a key. Where it breaks it goes on after the last
 * event that came; where there is no such thing, the list is asked for as before.
 * @param {{ onEvent: (event: { type: string, data: Asset }) => void }} options
 */
export function eventStream({ onEvent }) {
  let [open, last] = [false, '']
  /** @type {AbortController | undefined} */
  let controller

  const listen = async () => {
    controller?.abort()
    const mine = new AbortController()
    controller = mine
    while (!mine.signal.aborted && document.visibilityState === 'visible') {
      const goesOn = await read(mine.signal).catch(() => true)
      open = false
      if (!goesOn) return
      await new Promise((resolve) => setTimeout(resolve, restMs))
    }
  }

  /** False when there is nothing to listen to. @param {AbortSignal} signal */
  const read = async (signal) => {
    const headers = {
      ...authorization(),
      accept: 'text/event-stream',
      ...(last === '' ? {} : { 'last-event-id': last }),
    }
    const answer = await fetch('/v1/events', { headers, signal })
    if (!answer.ok || answer.body === null) return answer.status >= 500
    open = true
    let text = ''
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + piece).split(/\r?\n\r?\n/)
      text = blocks.pop() ?? ''
      for (const block of blocks) take(block)
    }
    return true
  }

  /** @param {string} block */
  const take = (block) => {
    const field = (/** @type {string} */ name) =>
      block
        .split(/\r?\n/)
        .filter((line) => line.startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).replace(/^ /, ''))
    last = field('id').at(-1) ?? last
    const data = field('data').join('\n')
    if (data !== '') onEvent(JSON.parse(data))
  }

  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') listen()
    else controller?.abort()
  })
  return { listen, isOpen: () => open }
}
