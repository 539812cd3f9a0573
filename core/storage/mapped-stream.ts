import { PassThrough, type Readable } from 'node:stream'

/** Hands a store's stream on with its failures in our words. Destroying either end destroys both. */
export function mappedStream(options: {
  source: Readable
  mapError(error: unknown): unknown
  signal?: AbortSignal | undefined
}): Readable {
  const { source, signal } = options
  const out = new PassThrough()
  const fail = (error: unknown) => out.destroy(error instanceof Error ? error : new Error(String(error)))
  source.on('error', (error) => fail(options.mapError(error)))
  source.on('close', () => {
    if (!source.readableEnded) fail(options.mapError(new Error('the stored bytes ended early')))
  })
  const abort = () => fail(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  out.on('close', () => {
    signal?.removeEventListener('abort', abort)
    source.destroy()
  })
  return source.pipe(out)
}
