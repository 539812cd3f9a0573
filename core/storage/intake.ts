import type { Readable } from 'node:stream'
import { SluiceError } from '../errors.ts'
import { fillBlocks } from './block.ts'
import { freeMemory } from './free-memory.ts'
import { bodyError } from './meter.ts'
import { newSpaces, type Spaces } from './spaces.ts'

type IntakeOptions = {
  blockBytes: number
  /** The first block begins with so many bytes of room, which whoever stores it fills in. */
  headBytes?: number
  /** Hands out less than a whole block once it has waited this long; without it only the last block is shorter. */
  restMs?: number
  maxBytes?: number | undefined
  signal?: AbortSignal | undefined
  /** The body's chunks are ours: their memory is given back as soon as they are copied. */
  ownsChunks?: boolean | undefined
  /** Default: new ones. */
  spaces?: Spaces
}

export type Intake = {
  /** What came, in blocks. Each is good until the next is asked for. Ends, and never throws, however the body ends. */
  blocks: AsyncGenerator<Buffer>
  /** Takes no more; what came until now is still handed out. */
  stop(reason: unknown): void
  /** Why it ended early, if it did. Known once the blocks have ended. */
  failure(): { reason: unknown } | undefined
}

/** Takes a body in as it flows, one block ahead of whoever stores it, and keeps what came when it breaks off. Leaves the body paused, not destroyed. */
export function takeIn(body: Readable, options: IntakeOptions): Intake {
  const { restMs, signal, spaces = newSpaces } = options
  const filling = fillBlocks({ ...options, spaces, onCopied: options.ownsChunks ? freeMemory : undefined })
  let room = options.maxBytes ?? Number.POSITIVE_INFINITY
  let over: { failure: { reason: unknown } | undefined } | undefined
  let rested = false
  let resting: NodeJS.Timeout | undefined
  let changed = Promise.withResolvers<void>()
  const stir = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }

  function finish(failure?: { reason: unknown }) {
    if (over) return
    over = { failure }
    body.off('data', onData).off('end', onEnd).off('close', onClose).pause()
    signal?.removeEventListener('abort', onAbort)
    stir()
  }
  const stop = (reason: unknown) => finish({ reason })
  const onEnd = () => finish()
  const onError = (error: unknown) => stop(signal?.aborted ? signal.reason : bodyError(error))
  const onClose = () => stop(new SluiceError('upload_interrupted', { message: 'the body closed before its end' }))
  const onAbort = () => stop(signal?.reason)
  function onData(chunk: Uint8Array | string) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    // Asked for before the chunk is gone.
    const { byteLength } = bytes
    filling.add(bytes, room)
    if (byteLength > room)
      return stop(new SluiceError('too_large', { message: `an append of more than ${options.maxBytes} bytes` }))
    room -= byteLength
    if (restMs !== undefined && !filling.isFull()) resting ??= setTimeout(onRest, restMs)
    if (!filling.isFull()) return
    body.pause()
    stir()
  }
  function onRest() {
    rested = true
    stir()
  }

  async function* blocks() {
    try {
      for (;;) {
        while (!filling.isFull() && !over && !rested) await changed.promise
        clearTimeout(resting)
        resting = undefined
        rested = false
        const block = filling.take()
        if (block.byteLength === 0 && over) return
        if (!over && !filling.isFull()) body.resume()
        if (block.byteLength > 0) yield block
      }
    } finally {
      clearTimeout(resting)
      finish()
      filling.end()
    }
  }

  // Heard for as long as the body lives: unheard, an error that comes when nobody reads any more would end the process.
  body.on('error', onError)
  if (signal?.aborted) onAbort()
  else if (body.readableEnded) onEnd()
  else if (body.errored) onError(body.errored)
  else if (body.destroyed) onClose()
  else {
    signal?.addEventListener('abort', onAbort, { once: true })
    body.on('end', onEnd).on('close', onClose).on('data', onData)
  }
  return { blocks: blocks(), stop, failure: () => over?.failure }
}
