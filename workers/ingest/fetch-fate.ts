import { SluiceError } from '../../core/errors.ts'

/** However far off an address's end is: what has not answered for a day is not coming back for it. */
const longestMs = 24 * 3_600_000

type Failed = { thrown: unknown; expiresAt: Date | null; since: Date; now?: number }

/** What a failed fetch means for its task: an origin that does not answer is asked until the address dies, and not after. */
export function fateOfFetch({ thrown, expiresAt, since, now = Date.now() }: Failed): unknown {
  if (!(thrown instanceof SluiceError) || expiresAt === null || thrown.fate === 'give_up') return thrown
  if (thrown.code !== 'source_unavailable' && thrown.code !== 'source_too_slow') return thrown
  const { code, message, publicMessage, retryAfterMs, fate, cause } = thrown
  if (expiresAt.getTime() <= now)
    return new SluiceError('source_expired', {
      message: `${message}; the address ended at ${expiresAt.toISOString()}`,
      publicMessage: `${publicMessage}, and the address has expired`,
      cause,
    })
  const until = new Date(Math.min(expiresAt.getTime(), since.getTime() + longestMs))
  return new SluiceError(code, { message, publicMessage, fate, cause, until, ...(retryAfterMs && { retryAfterMs }) })
}
