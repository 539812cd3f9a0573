import { type Dispatcher, errors, request } from 'undici'
import { SluiceError } from '../../core/errors.ts'
import { type Allow, checkUrl } from '../../core/net/url.ts'
import { asCalled } from '../../core/webhook-address.ts'
import { guardedAgent } from '../edges/download-connect.ts'
import type { Resolve } from '../edges/resolve.ts'
import type { Pace } from './pace.ts'

type Post = {
  url: string
  headers: Record<string, string>
  body: string
  allow: Allow
  resolve: Resolve
  pace: Pick<Pace, 'connectMs' | 'answerMs'>
  /** Ends the try at once; what it throws then is the reason. */
  signal: AbortSignal
}

/** Status and words for what came of it; the body of the answer is in neither. */
export type Answer = { status: number; error: null } | { status: number | null; error: string }

const mostRead = 4_096

/** Sends one message to a stranger's address, guarded like an address that is fetched. No redirect is followed. */
export async function post({ url, headers, body, allow, resolve, pace, signal }: Post): Promise<Answer> {
  const { connectMs, answerMs } = pace
  const agent = guardedAgent({ allow, limits: { connectMs, headersMs: answerMs, idleMs: answerMs }, resolve })
  const late = AbortSignal.timeout(answerMs)
  try {
    const target = checkUrl(url, { allow })
    const sent = {
      'content-type': 'application/json',
      'user-agent': 'sluice',
      'accept-encoding': 'identity',
      ...headers,
    }
    const options = { dispatcher: agent, method: 'POST', headers: sent, body } as const
    const answer = await request(target, { ...options, signal: AbortSignal.any([signal, late]) })
    await readLittle(answer.body)
    return judged(answer.statusCode)
  } catch (error) {
    signal.throwIfAborted()
    return { status: null, error: late.aborted ? tooLate : wordsFor(error) }
  } finally {
    await agent.destroy()
  }
}

const tooLate = 'The endpoint did not answer in time'

const judged = (status: number): Answer => {
  if (status >= 200 && status < 300) return { status, error: null }
  if (status >= 300 && status < 400)
    return { status, error: `The endpoint redirects (${status}), which is not followed` }
  return { status, error: `The endpoint answered ${status}` }
}

/** So that an honest endpoint sees its answer taken. The status has said all; whatever goes wrong with the rest is its own affair. */
async function readLittle(body: Dispatcher.ResponseData['body']): Promise<void> {
  let read = 0
  try {
    for await (const chunk of body) {
      read += (chunk as Buffer).byteLength
      if (read >= mostRead) break
    }
  } catch {
    body.destroy()
  }
}

/** Never the address itself, which may hold a secret, and nothing that the endpoint said. */
function wordsFor(error: unknown): string {
  if (error instanceof SluiceError) return asCalled(error.publicMessage)
  const code = codeOf(error)
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return tooLate
  if (/^(ENOTFOUND|ENODATA|EAI_AGAIN|EBADNAME)/.test(code)) return `The name of the endpoint has no address (${code})`
  if (/^(ERR_TLS|CERT|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/.test(code)) return `Its certificate is not good (${code})`
  if (error instanceof errors.HTTPParserError || code === 'UND_ERR_HEADERS_OVERFLOW')
    return 'The endpoint does not speak HTTP'
  return `The endpoint could not be reached${code === '' ? '' : ` (${code.slice(0, 40)})`}`
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
