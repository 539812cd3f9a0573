import { Readable } from 'node:stream'
import { SluiceError } from '../../core/errors.ts'
import { filenameOf } from '../../core/net/filename.ts'
import type { Allow } from '../../core/net/url.ts'
import { type Found, lengthOf, oneOf, type Part, StartOver } from './download-answer.ts'
import { guardedBody } from './download-body.ts'
import { guardedAgent } from './download-connect.ts'
import { follow } from './download-follow.ts'
import { type DownloadLimits, withDefaults } from './download-limits.ts'
import { unbrokenBody } from './download-resume.ts'
import type { Resolve } from './resolve.ts'

/** What the origin said of the file before its first byte. Said, not true: bytes decide. */
export type ResponseHead = {
  contentType: string | undefined
  /** What Content-Length promises. */
  length: number | undefined
  filename: string | undefined
  /** Where the redirects ended, without the query, which holds signatures. */
  finalUrl: string
}

/** Where the bytes go. Consumes or destroys the body; called anew for a file that has to be sent anew. */
export type Sink<Stored> = (body: Readable, head: ResponseHead) => Promise<Stored>

/**
 * Fetches a stranger's address into a sink, within limits, from public addresses alone. A body that breaks off is gone on with.
 * Failures of the sink, and the reason of an aborted signal, come out as they are.
 */
export async function download<Stored>(options: {
  url: string
  allow: Allow
  limits: Partial<DownloadLimits> & { maxBytes: number }
  signal: AbortSignal
  into: Sink<Stored>
  /** How much came so far, and how much was promised. */
  onBytes?(received: number, length: number | undefined): void
  resolve?: Resolve | undefined
}): Promise<Stored & ResponseHead> {
  const { url, allow } = options
  const limits = withDefaults(options.limits)
  const total = AbortSignal.timeout(limits.totalMs)
  const signal = AbortSignal.any([options.signal, total])
  const ended = () => {
    if (options.signal.aborted) return options.signal.reason
    if (!total.aborted) return undefined
    return new SluiceError('source_too_slow', { message: `not done after ${limits.totalMs} ms` })
  }
  const agent = guardedAgent({ allow, limits, resolve: options.resolve })
  const open = (part?: Part) =>
    follow({ url, allow, limits, agent, signal, ...(part && { part }) }).catch((error) => {
      throw ended() ?? error
    })

  async function pour(found: Found): Promise<Stored & ResponseHead> {
    const head = headOf(found)
    const onBytes = (received: number) => options.onBytes?.(received, head.length)
    const whole = unbrokenBody({ found, limits, again: open, signal })
    const body = guardedBody({ body: whole, host: found.url.host, length: head.length, limits, onBytes, ended })
    const stored = await options.into(Readable.from(body, { objectMode: false }), head)
    return { ...head, ...stored }
  }

  try {
    options.signal.throwIfAborted()
    return await withRestarts({ open, pour, restarts: limits.restarts })
  } finally {
    // Closes the connection, whether the body was read to its end, dropped, or never begun.
    await agent.destroy()
  }
}

type Run<Result> = { open(): Promise<Found>; pour(found: Found): Promise<Result>; restarts: number }

/** Pours an answer out; a body that cannot be gone on with is poured from its first byte again, into a fresh place. */
async function withRestarts<Result>({ open, pour, restarts }: Run<Result>): Promise<Result> {
  let found = await open()
  for (let left = restarts; ; left--) {
    try {
      return await pour(found)
    } catch (error) {
      if (!(error instanceof StartOver)) throw error
      if (left === 0) throw error.cause
      found = error.found ?? (await open())
    }
  }
}

function headOf({ url, headers }: Found): ResponseHead {
  return {
    contentType: oneOf(headers, 'content-type'),
    length: lengthOf(headers),
    filename: filenameOf({ disposition: oneOf(headers, 'content-disposition'), url }),
    finalUrl: `${url.origin}${url.pathname}`,
  }
}
