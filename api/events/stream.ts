import { Readable } from 'node:stream'

/** Past this much that was not taken yet, one waits for its reader. */
const roomyBelow = 256 * 1024

/** The body of an answer that has no end of its own. Its sender asks for room first, and is told when there is some. */
export type EventStream = {
  body: Readable
  send(text: string): void
  hasRoom(): boolean
  /** Resolves when there is room. A reader that makes none for so long is cut off. */
  room(): Promise<void>
  end(): void
}

export function eventStream({ patienceMs, onSlow }: { patienceMs: number; onSlow: () => void }): EventStream {
  let taken = Promise.withResolvers<void>()
  const body = new Readable({
    read() {
      taken.resolve()
      taken = Promise.withResolvers()
    },
  })
  body.once('close', () => taken.resolve())
  // Heard by whoever sends the answer, once it is sent.
  body.on('error', () => undefined)
  const cutOff = () => {
    if (body.destroyed) return
    onSlow()
    body.destroy(new Error('its reader is too slow'))
  }
  const hasRoom = () => body.readableLength < roomyBelow || body.destroyed
  return {
    body,
    hasRoom,
    send(text) {
      if (!body.destroyed && !body.readableEnded) body.push(text)
    },
    async room() {
      const timer = setTimeout(cutOff, patienceMs)
      while (!hasRoom()) await taken.promise
      clearTimeout(timer)
    },
    end() {
      if (!body.destroyed) body.push(null)
    },
  }
}
