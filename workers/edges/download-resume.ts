import { setTimeout as rest } from 'node:timers/promises'
import { SluiceError } from '../../core/errors.ts'
import { type Found, lengthOf, oneOf, type Part, StartOver } from './download-answer.ts'
import { wireError } from './download-errors.ts'
import type { DownloadLimits } from './download-limits.ts'

type Options = {
  found: Found
  limits: DownloadLimits
  /** Asks for the rest. */
  again(part: Part): Promise<Found>
  signal: AbortSignal
}

/** The body of an answer, gone on with where it breaks off, for as long as the origin proves that it is still the same file. */
export async function* unbrokenBody({ found, limits, again, signal }: Options): AsyncGenerator<Buffer> {
  const etag = strongTag(oneOf(found.headers, 'etag'))
  const { host } = found.url
  let total = lengthOf(found.headers)
  let received = 0
  let fruitless = 0
  let body: AsyncIterable<Buffer> = found.body
  for (let times = 1; ; times++) {
    const before = received
    const broke = yield* untilItBreaks(body, (bytes) => {
      received += bytes
    })
    if (broke === undefined && received >= (total ?? 0)) return
    if (broke?.error instanceof StartOver) throw broke.error
    const cause = broke ? wireError(broke.error, host) : cutShort({ host, received, total })
    if (signal.aborted || cause.fate === 'give_up') throw cause
    if (etag === undefined || received === 0) throw new StartOver({ cause })
    fruitless = received > before ? 0 : fruitless + 1
    if (fruitless > limits.fruitless || times > limits.continuations) throw cause
    await rest(limits.pauseMs * 2 ** fruitless, undefined, { signal })
    const part = { from: received, etag }
    body = restOfFile(async () => {
      const next = await again(part)
      total = continued({ next, part, total, cause })
      return next.body
    })
  }
}

async function* untilItBreaks(
  body: AsyncIterable<Buffer>,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer, { error: unknown } | undefined> {
  try {
    for await (const chunk of body) {
      count(chunk.byteLength)
      yield chunk
    }
    return undefined
  } catch (error) {
    return { error }
  }
}

async function* restOfFile(open: () => Promise<Found['body']>): AsyncGenerator<Buffer> {
  yield* await open()
}

type Continued = { next: Found; part: Part; total: number | undefined; cause: Error }

/** The length of the whole file, where an answer goes on with it; anything else begins anew. */
function continued({ next, part, total, cause }: Continued): number | undefined {
  if (next.status === 200) throw new StartOver({ cause, found: next })
  const [, from, , whole] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(oneOf(next.headers, 'content-range') ?? '') ?? []
  const size = whole === undefined || whole === '*' ? total : Number(whole)
  const same = oneOf(next.headers, 'etag') === part.etag && size === (total ?? size)
  if (next.status === 206 && same && Number(from) === part.from) return size
  next.body.destroy()
  throw new StartOver({ cause })
}

/** A weak tag says that two files mean the same, not that their bytes are. */
const strongTag = (etag: string | undefined) => (etag !== undefined && /^"[^"]*"$/.test(etag) ? etag : undefined)

const cutShort = ({ host, received, total }: { host: string; received: number; total: number | undefined }) =>
  new SluiceError('source_unavailable', { message: `${host} sent ${received} of ${total} bytes` })
