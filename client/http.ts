import { pause } from './pause.ts'
import { problemOf, SluiceProblem } from './problem.ts'

export type SluiceOptions = {
  url: string
  /** An API key, a JWT of your own application or an upload token; a function where it changes. */
  key?: string | (() => string | Promise<string>)
  fetch?: typeof fetch
  /** How often a call that failed in passing is tried again: 4 times by default, with growing pauses. */
  retries?: number
  /** How long one try of a call may take: 90 s by default. Uploads may take as long as bytes go. */
  timeoutMs?: number
}

export type CallOptions = {
  signal?: AbortSignal | undefined
  /** Made for each call by itself; give one where the same call may come again from another process. */
  idempotencyKey?: string | undefined
}

type Sending = CallOptions & {
  method?: string
  /** JSON, unless it is a form or bytes. */
  body?: unknown
  headers?: Record<string, string>
  /** No limit on its time. */
  patient?: boolean
}

/** Calls of the API: with credentials, tried again where that does no harm, refused with a `SluiceProblem`. */
export class Http {
  readonly #options: SluiceOptions
  constructor(options: SluiceOptions) {
    this.#options = options
  }

  address(path: string): string {
    return new URL(path, this.#options.url).href
  }

  async credentials(): Promise<Record<string, string>> {
    const { key } = this.#options
    const said = typeof key === 'function' ? await key() : key
    return said === undefined ? {} : { authorization: `Bearer ${said}` }
  }

  async json<Answer>(path: string, sending: Sending = {}): Promise<Answer> {
    return (await (await this.send(path, sending)).json()) as Answer
  }

  /** Any answer that is not a refusal. Every POST bears a key, so that a second try does nothing twice. */
  async send(path: string, sending: Sending = {}): Promise<Response> {
    const { method = 'GET', signal, idempotencyKey } = sending
    const most = this.#options.retries ?? 4
    const key = method === 'POST' ? (idempotencyKey ?? (most > 0 ? newKey() : undefined)) : undefined
    for (let tries = 0; ; tries++) {
      try {
        return await this.#once(path, sending, key)
      } catch (error) {
        signal?.throwIfAborted()
        // What the try before deleted is not there any more.
        if (tries > 0 && method === 'DELETE' && isGone(error)) return new Response(null, { status: 204 })
        if (tries >= most || !isPassing(error)) throw error
        await pause(restAfter(error, tries), signal)
      }
    }
  }

  async #once(path: string, sending: Sending, key: string | undefined): Promise<Response> {
    const { method = 'GET', body, headers, signal, patient } = sending
    const plain = body === undefined || body instanceof FormData || body instanceof Blob
    const limit = patient ? undefined : AbortSignal.timeout(this.#options.timeoutMs ?? 90_000)
    const send = this.#options.fetch ?? fetch
    const response = await send(this.address(path), {
      method,
      headers: {
        ...(plain ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(await this.credentials()),
        ...headers,
      },
      ...(body === undefined ? {} : { body: plain ? body : JSON.stringify(body) }),
      signal: signal && limit ? AbortSignal.any([signal, limit]) : (signal ?? limit ?? null),
    })
    if (!response.ok) throw await problemOf(response)
    return response
  }
}

/** For one creation, however often it is sent. Also where pages are not served over https, which have no `randomUUID`. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

const isGone = (error: unknown) => error instanceof SluiceProblem && error.status === 404

const passing = new Set([408, 425, 429, 500, 502, 503, 504, 507])

/** Refusals of the moment, and whatever kept an answer from coming. A quota that is used up is not over soon. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof SluiceProblem)) return true
  if (error.code === 'quota_exceeded') return false
  return passing.has(error.status) || error.code === 'idempotency_in_progress'
}

/** As long as the server says, up to a minute; else longer after each failure, and not in step with others. */
export function restAfter(error: unknown, tries: number): number {
  const said = error instanceof SluiceProblem ? error.retryAfterMs : undefined
  const cap = 250 * 2 ** Math.min(tries, 6)
  return said === undefined ? cap / 2 + (Math.random() * cap) / 2 : Math.min(said, 60_000)
}
