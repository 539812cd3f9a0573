import { Readable } from 'node:stream'
import { type Agent, type Dispatcher, request } from 'undici'
import { SluiceError } from '../../core/errors.ts'
import { filenameOf } from '../../core/net/filename.ts'
import { type Allow, checkUrl } from '../../core/net/url.ts'
import { guardedBody, htmlInstead, tooLarge } from './download-body.ts'
import { guardedAgent, type Resolve } from './download-connect.ts'
import { statusError, wireError } from './download-errors.ts'
import { type DownloadLimits, withDefaults } from './download-limits.ts'
import { redirectTarget } from './download-redirect.ts'

/** What the origin said of the file before its first byte. Said, not true: bytes decide. */
export type ResponseHead = {
  contentType: string | undefined
  /** What Content-Length promises. */
  length: number | undefined
  filename: string | undefined
  /** Where the redirects ended, without the query, which holds signatures. */
  finalUrl: string
}

/** Where the bytes go. Consumes or destroys the body. */
export type Sink<Stored> = (body: Readable, head: ResponseHead) => Promise<Stored>

/**
 * Fetches a stranger's address into a sink, within limits, from public addresses alone.
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
  resolve?: Resolve
}): Promise<Stored & ResponseHead> {
  const { allow, signal } = options
  const limits = withDefaults(options.limits)
  const total = AbortSignal.timeout(limits.totalMs)
  const ended = () => {
    if (signal.aborted) return signal.reason
    if (!total.aborted) return undefined
    return new SluiceError('source_too_slow', { message: `not done after ${limits.totalMs} ms` })
  }
  const agent = guardedAgent({ allow, limits, resolve: options.resolve })
  try {
    signal.throwIfAborted()
    const found = await follow({ ...options, limits, agent, signal: AbortSignal.any([signal, total]) }).catch(
      (error) => {
        throw ended() ?? error
      },
    )
    const head = headOf(found)
    const onBytes = (received: number) => options.onBytes?.(received, head.length)
    const body = guardedBody({ body: found.body, host: found.url.host, length: head.length, limits, onBytes, ended })
    const stored = await options.into(Readable.from(body, { objectMode: false }), head)
    return { ...head, ...stored }
  } finally {
    // Closes the connection, whether the body was read to its end, dropped, or never begun.
    await agent.destroy()
  }
}

type Found = { url: URL; headers: Dispatcher.ResponseData['headers']; body: Dispatcher.ResponseData['body'] }
type Hop = { url: string; allow: Allow; limits: DownloadLimits; agent: Agent; signal: AbortSignal }

/** Goes from redirect to redirect, judging every address as if it were the first, until a file answers. */
async function follow(options: Hop): Promise<Found> {
  let url = checkUrl(options.url, options)
  for (let hops = 0; hops <= options.limits.redirects; hops++) {
    const response = await ask({ ...options, url })
    const { statusCode: status, headers, body } = response
    if (status === 200) return accept({ url, headers, body }, options.limits)
    body.destroy()
    const location = headers.location
    if (![301, 302, 303, 307, 308].includes(status) || typeof location !== 'string')
      throw statusError({ status, headers, host: url.host })
    url = redirectTarget(url, location, options.allow)
  }
  throw new SluiceError('source_invalid_response', {
    message: `more than ${options.limits.redirects} redirects, last to ${url.host}`,
    publicMessage: 'The address redirects too often',
  })
}

async function ask({ url, agent, signal }: Omit<Hop, 'url'> & { url: URL }): Promise<Dispatcher.ResponseData> {
  const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'sluice' }
  try {
    const response = await request(url.href, { dispatcher: agent, method: 'GET', headers, signal })
    // A body that nobody reads to its end fails with our own abort; whoever does read it hears of its failures there.
    response.body.on('error', () => undefined)
    return response
  } catch (error) {
    throw wireError(error, url.host)
  }
}

/** Refuses by its head what can only be wrong: another encoding, a web page, too many bytes. */
function accept(found: Found, limits: DownloadLimits): Found {
  const { host } = found.url
  const problem = () => {
    const encoding = found.headers['content-encoding'] ?? 'identity'
    if (encoding !== 'identity')
      return new SluiceError('source_invalid_response', {
        message: `${host} sends content-encoding ${String(encoding).slice(0, 80)}`,
      })
    const { contentType = '', length = 0 } = headOf(found)
    if (/^(text\/html|application\/xhtml\+xml)\b/i.test(contentType)) return htmlInstead(host)
    return length > limits.maxBytes ? tooLarge(host, limits.maxBytes) : undefined
  }
  const refused = problem()
  if (refused === undefined) return found
  found.body.destroy()
  throw refused
}

function headOf({ url, headers }: Found): ResponseHead {
  const one = (name: string) => (typeof headers[name] === 'string' ? headers[name] : undefined)
  const length = one('content-length')
  return {
    contentType: one('content-type'),
    length: length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined,
    filename: filenameOf({ disposition: one('content-disposition'), url }),
    finalUrl: `${url.origin}${url.pathname}`,
  }
}
