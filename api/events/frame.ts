import type { EventView } from '../../core/db/event-views.ts'

/** An event on the wire. Without an id it is not one to go on from. */
export function frameOf(event: EventView, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}

/** No event, and yet a place to come back to: a browser takes it, and tells its page nothing. */
export const placeOnly = (id: string) => `id: ${id}\n\n`

export const comment = (text: string) => `: ${text}\n\n`

/** How soon a browser comes back by itself when a stream ends. */
export const comeBackAfter = (ms: number) => `retry: ${ms}\n`
