import { errors } from 'undici'
import type { IncomingHttpHeaders } from 'undici/types/header.js'
import { SluiceError } from '../../core/errors.ts'

/** Names that nobody knows and certificates that are wrong: rarely a moment's fault, so that waiting for long would only keep the caller waiting. */
const hardlyPassing = /^(ENOTFOUND|ENODATA|EBADNAME|(ERR_TLS|CERT|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)_\w+)$/

/** Puts what went wrong on the wire into our words. Whatever is not understood is the origin not answering, and tried again. */
export function wireError(error: unknown, host: string): SluiceError {
  if (error instanceof SluiceError) return error
  const code = codeOf(error)
  const said = error instanceof Error ? error.message : String(error)
  const message = `fetching from ${host} failed: ${code} ${said}`
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return new SluiceError('source_invalid_response', { message })
  // The parser keeps the bytes that it choked on in its error; they are no business of any log.
  if (error instanceof errors.HTTPParserError)
    return new SluiceError('source_invalid_response', { message, fate: 'retry' })
  const publicMessage = /TIMEOUT|ETIMEDOUT/.test(code)
    ? 'The origin did not answer in time'
    : 'The origin could not be reached'
  const fate = hardlyPassing.test(code) ? ({ fate: 'retry' } as const) : {}
  return new SluiceError('source_unavailable', { message, publicMessage, cause: error, ...fate })
}

/** What goes wrong before a head could be looked at: there a length that does not fit is one of two, and no body that broke off. */
export function headError(error: unknown, host: string): SluiceError {
  if (codeOf(error) !== 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return wireError(error, host)
  return new SluiceError('source_invalid_response', { message: `${host} says a wrong length`, fate: 'retry' })
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

// Stores answer 400 and 401 for signatures that are over, too.
const expired = new Set([400, 401, 403, 404, 410])
const passing = new Set([408, 425, 429])

/** What a status that is neither success nor redirect means for the file behind the address. */
export function statusError(options: { status: number; headers: IncomingHttpHeaders; host: string }): SluiceError {
  const { status, host } = options
  const message = `${host} answered ${status}`
  const publicMessage = `The origin answered ${status}`
  if (expired.has(status)) return new SluiceError('source_expired', { message, publicMessage })
  if (status < 500 && !passing.has(status))
    return new SluiceError('source_invalid_response', { message, publicMessage })
  const retryAfterMs = retryAfter(options.headers['retry-after'])
  return new SluiceError('source_unavailable', {
    message,
    publicMessage,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

const longestWait = 15 * 60_000

function retryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, longestWait) : undefined
}
