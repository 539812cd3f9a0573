import { createHash } from 'node:crypto'
import { addAbortSignal, Readable } from 'node:stream'
import { SluiceError } from '../errors.ts'

type Meter = {
  /** The body's bytes, counted and hashed as they pass. Ends the body however it ends itself. */
  chunks: AsyncGenerator<Buffer>
  /** What passed so far; md5 only of bodies that stay below `md5Below`. Final once the chunks have ended. */
  seen(): { bytes: number; sha256: string; md5: string | undefined }
  /** Why the body failed, when it was the body (or the caller's signal) that failed and not the store. */
  failure(): { reason: unknown } | undefined
}

/** Counts, hashes and bounds one body on its way into a store. */
export function meterBody(options: {
  body: Readable | Buffer
  maxBytes?: number | undefined
  md5Below?: number
  signal?: AbortSignal | undefined
}): Meter {
  const { signal, maxBytes = Number.POSITIVE_INFINITY, md5Below = 0 } = options
  const sha256 = createHash('sha256')
  const md5 = createHash('md5')
  let bytes = 0
  let failed: { reason: unknown } | undefined
  let left = false
  // A body may fail before its first chunk is asked for; unheard, that would end the process.
  if (options.body instanceof Readable)
    options.body.on('error', (error) => {
      if (!left) failed ??= { reason: bodyError(error) }
    })

  function count(chunk: Buffer) {
    bytes += chunk.byteLength
    if (bytes > maxBytes)
      throw new SluiceError('too_large', { message: `body of more than ${maxBytes} bytes refused while it streamed` })
    sha256.update(chunk)
    if (bytes <= md5Below) md5.update(chunk)
  }

  async function* chunks() {
    try {
      signal?.throwIfAborted()
      for await (const chunk of sourceOf(options.body, signal)) {
        const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)
        if (buffer.byteLength === 0) continue
        count(buffer)
        // A body that whoever stores it has left, because the store failed, may complain of that: it is not what failed.
        left = true
        yield buffer
        left = false
      }
      signal?.throwIfAborted()
    } catch (error) {
      failed = { reason: signal?.aborted ? signal.reason : bodyError(error) }
      throw failed.reason
    }
  }

  return {
    chunks: chunks(),
    seen: () => ({
      bytes,
      sha256: sha256.copy().digest('hex'),
      md5: bytes <= md5Below ? md5.copy().digest('hex') : undefined,
    }),
    failure: () => failed,
  }
}

function sourceOf(body: Readable | Buffer, signal: AbortSignal | undefined): Readable | Buffer[] {
  if (!(body instanceof Readable)) return [body]
  return signal ? addAbortSignal(signal, body) : body
}

/** A body that closes without ending was cut off by its sender: said in our words, so that it is never taken for the store's fault. */
export function bodyError(error: unknown): unknown {
  const cutOff = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
  return cutOff
    ? new SluiceError('upload_interrupted', { message: 'the body closed before its end', cause: error })
    : error
}
