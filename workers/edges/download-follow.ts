import { type Agent, type Dispatcher, request } from 'undici'
import { SluiceError } from '../../core/errors.ts'
import { type Allow, checkUrl } from '../../core/net/url.ts'
import { type Found, lengthOf, oneOf, type Part } from './download-answer.ts'
import { htmlInstead, tooLarge } from './download-body.ts'
import { headError, statusError } from './download-errors.ts'
import type { DownloadLimits } from './download-limits.ts'
import { redirectTarget } from './download-redirect.ts'

type Hop = { url: string; part?: Part; allow: Allow; limits: DownloadLimits; agent: Agent; signal: AbortSignal }

/** Goes from redirect to redirect, judging every address as if it were the first, until a file answers. */
export async function follow(options: Hop): Promise<Found> {
  let url = checkUrl(options.url, options)
  for (let hops = 0; hops <= options.limits.redirects; hops++) {
    const { statusCode: status, headers, body } = await ask({ ...options, url })
    const found = { status, url, headers, body }
    // Whether it goes on with the file is for whoever wanted the rest of it to judge.
    if (status === 416 && options.part !== undefined) return found
    if (status === 200 || (status === 206 && options.part !== undefined)) return acceptable(found, options.limits)
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

async function ask(options: Omit<Hop, 'url'> & { url: URL }): Promise<Dispatcher.ResponseData> {
  const { url, part, agent, signal, limits } = options
  const range = part && { range: `bytes=${part.from}-`, 'if-range': part.etag }
  const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'sluice', ...range }
  // Interim answers (1xx) put off the time limit of the client's own; this one waits for the head, whatever comes before it.
  const patience = new AbortController()
  const late = new SluiceError('source_unavailable', {
    message: `${url.host} sent no head in time`,
    publicMessage: 'The origin did not answer in time',
  })
  const timer = setTimeout(() => patience.abort(late), limits.connectMs + limits.headersMs)
  try {
    const both = AbortSignal.any([signal, patience.signal])
    const response = await request(url.href, { dispatcher: agent, method: 'GET', headers, signal: both })
    // A body that nobody reads to its end fails with our own abort; whoever does read it hears of its failures there.
    response.body.on('error', () => undefined)
    return response
  } catch (error) {
    throw headError(error, url.host)
  } finally {
    clearTimeout(timer)
  }
}

/** Refuses by its head what can only be wrong: another encoding, a web page, too many bytes. */
function acceptable(found: Found, limits: DownloadLimits): Found {
  const refused = faultOf(found, limits)
  if (refused === undefined) return found
  found.body.destroy()
  throw refused
}

function faultOf({ url: { host }, headers }: Found, limits: DownloadLimits): SluiceError | undefined {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    return new SluiceError('source_invalid_response', {
      message: `${host} sends content-encoding ${String(encoding).slice(0, 80)}`,
    })
  if (/^(text\/html|application\/xhtml\+xml)\b/i.test(oneOf(headers, 'content-type') ?? '')) return htmlInstead(host)
  return (lengthOf(headers) ?? 0) > limits.maxBytes ? tooLarge(host, limits.maxBytes) : undefined
}
