import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { SluiceError } from '../core/errors.ts'

/** Of a body that was refused half-way, so much is still read: most callers look at the answer only when they have sent all. */
const readOutAtMost = 16 * 1024 * 1024

/**
 * A request's body, for a reader that may give it up: destroying it leaves the connection, on which the caller is to hear
 * why. `see` hears every piece that passes.
 */
export function requestBody(raw: IncomingMessage, see?: (chunk: Buffer) => void): Readable {
  const body = new Readable({ read: () => raw.resume() })
  // It may break before its reader listens, who looks for room first: that must not end the process. Whoever reads hears it too.
  body.on('error', () => undefined)
  const onData = (chunk: Buffer) => {
    see?.(chunk)
    if (!body.push(chunk)) raw.pause()
  }
  const broken = () => new SluiceError('upload_interrupted', { message: 'the body closed before its end' })
  raw.on('error', () => body.destroy(broken()))
  raw.once('close', () => {
    if (!raw.readableEnded) body.destroy(broken())
  })
  body.once('close', () => {
    raw.off('data', onData)
    if (!raw.readableEnded && !raw.destroyed) readOut(raw)
  })
  // It may have broken while somebody looked into the database.
  if (raw.destroyed) return body.destroy(broken())
  raw.on('data', onData).once('end', () => body.push(null))
  return body
}

function readOut(raw: IncomingMessage): void {
  let left = readOutAtMost
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.byteLength
    if (left < 0) raw.destroy()
  })
  raw.resume()
}
