import { SluiceError } from '../../core/errors.ts'
import { StartOver } from './download-answer.ts'
import { wireError } from './download-errors.ts'
import type { DownloadLimits } from './download-limits.ts'

type Options = {
  body: AsyncIterable<Buffer>
  host: string
  /** What Content-Length promised. */
  length: number | undefined
  limits: DownloadLimits
  onBytes(received: number): void
  /** Why we ended the download ourselves, when we did. */
  ended(): unknown
}

/** A stranger's body, as far as it keeps to the limits: not too much, not too slow, as long as promised, and not a web page. */
export async function* guardedBody(options: Options): AsyncGenerator<Buffer> {
  const { length, limits, host } = options
  const rate = rateMeter(limits)
  let received = 0
  try {
    for await (const chunk of timed(options.body, rate)) {
      if (received === 0 && looksLikeHtml(chunk)) throw htmlInstead(host)
      received += chunk.byteLength
      if (received > limits.maxBytes) throw tooLarge(host, limits.maxBytes)
      options.onBytes(received)
      yield chunk
    }
    if (received === 0)
      throw new SluiceError('source_unavailable', {
        message: `${host} sent nothing`,
        publicMessage: 'The origin sent an empty file',
        // It answered, and said so: there is no reason to wait for long.
        fate: 'retry',
      })
    if (length !== undefined && received !== length)
      throw new SluiceError('source_unavailable', { message: `${host} sent ${received} of ${length} bytes` })
  } catch (error) {
    throw options.ended() ?? (error instanceof StartOver ? error : wireError(error, host))
  }
}

export const htmlInstead = (host: string) =>
  new SluiceError('source_expired', {
    message: `${host} sent a web page`,
    publicMessage: 'The address leads to a web page, not to a file',
  })

export const tooLarge = (host: string, maxBytes: number) =>
  new SluiceError('too_large', { message: `${host} sends more than ${maxBytes} bytes` })

type RateMeter = { waited(ms: number, bytes: number): void }

/** Yields what the other side sends, and tells the meter how long each piece was waited for. */
async function* timed(body: AsyncIterable<Buffer>, rate: RateMeter): AsyncGenerator<Buffer> {
  let since = performance.now()
  for await (const chunk of body) {
    rate.waited(performance.now() - since, chunk.byteLength)
    yield chunk
    since = performance.now()
  }
}

function rateMeter({ minBytesPerSecond, rateWindowMs }: DownloadLimits): RateMeter {
  let windowMs = 0
  let windowBytes = 0
  return {
    waited(ms, bytes) {
      windowMs += ms
      windowBytes += bytes
      if (windowMs < rateWindowMs) return
      if (windowBytes < (minBytesPerSecond * windowMs) / 1000)
        throw new SluiceError('source_too_slow', { message: `only ${windowBytes} bytes in ${Math.round(windowMs)} ms` })
      windowMs = 0
      windowBytes = 0
    },
  }
}

const looksLikeHtml = (chunk: Buffer) =>
  /^\ufeff?\s*<(!doctype\s+html|html|head|body)[\s>]/i.test(chunk.subarray(0, 512).toString('utf8'))
