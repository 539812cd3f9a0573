import type { IncomingMessage } from 'node:http'
import { type Readable, Transform } from 'node:stream'
import { SluiceError } from '../core/errors.ts'

/** Of a body that was refused half-way, so much is still read: most callers look at the answer only when they have sent all. */
const readOutAtMost = 16 * 1024 * 1024

/**
 * A request's body, for a reader that may give it up: destroying it leaves the connection, on which the caller is to hear
 * why. `see` hears every piece that passes.
 */
export function requestBody(raw: IncomingMessage, see?: (chunk: Buffer) => void): Readable {
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      see?.(chunk)
      done(null, chunk)
    },
  })
  const broken = () => new SluiceError('upload_interrupted', { message: 'the body closed before its end' })
  raw.on('error', () => body.destroy(broken()))
  raw.once('close', () => {
    if (!raw.readableEnded) body.destroy(broken())
  })
  body.once('close', () => {
    raw.unpipe(body)
    if (!raw.readableEnded && !raw.destroyed) readOut(raw)
  })
  // It may have broken while somebody looked into the database.
  return raw.destroyed ? body.destroy(broken()) : raw.pipe(body)
}

function readOut(raw: IncomingMessage): void {
  let left = readOutAtMost
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.byteLength
    if (left < 0) raw.destroy()
  })
  // To unpipe is to pause.
  raw.resume()
}
