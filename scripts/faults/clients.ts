import { setTimeout as rest } from 'node:timers/promises'
import type { History } from './history.ts'
import type { Item } from './plan.ts'

/** What every way in has at hand. */
export type Sending = {
  item: Item
  bytes: Buffer<ArrayBuffer>
  sha256: string
  /** Of the APIs, that of this try. */
  urls: readonly string[]
  secret: string
  history: History
  /** Of an address. */
  address: string
  /** A client gives up then; what was acknowledged is still the house's to do. */
  until: AbortSignal
}

export type Answer = { status: number; headers: Headers; body: Record<string, unknown> }

export const apiOf = ({ item, urls }: Sending, tries: number) => urls[(item.first + tries) % urls.length] ?? ''

/** Answers after which the same call is sent again. */
const passing = ({ status, body }: Answer) =>
  (status === 409 && body['code'] !== 'conflict') || status === 423 || status === 429 || status >= 500

/** One call. No answer is undefined, whatever the reason. */
export async function call(sending: Sending, url: string, init: RequestInit): Promise<Answer | undefined> {
  try {
    const headers = { authorization: `Bearer ${sending.secret}`, ...init.headers }
    const signal = AbortSignal.any([sending.until, AbortSignal.timeout(15_000)])
    const response = await fetch(url, { ...init, headers, signal, redirect: 'manual' })
    const text = await response.text()
    const json = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, body: json && text ? JSON.parse(text) : {} }
  } catch {
    return undefined
  }
}

/** Sends until there is an answer that stands; a client that may not send again has but one try. */
export async function insist(
  sending: Sending,
  { again, make }: { again: boolean; make: (api: string) => [string, RequestInit] },
): Promise<Answer | undefined> {
  for (let tries = 0; !sending.until.aborted; tries++) {
    const answer = await call(sending, ...make(apiOf(sending, tries)))
    if (answer !== undefined && !passing(answer)) return answer
    sending.history.write({ what: 'unknown', item: sending.item.name, why: answer ? `${answer.status}` : 'no answer' })
    if (!again) return undefined
    await rest(Math.min(1_500, 100 * 2 ** tries), undefined, { signal: sending.until }).catch(() => undefined)
  }
  return undefined
}

export const keyHeaders = ({ item }: Sending): Record<string, string> =>
  item.key === 'idempotency' ? { 'idempotency-key': `key of ${item.name}` } : {}

export const wishes = ({ item }: Sending) => ({
  metadata: { item: item.name },
  profile: 'tiny',
  ...(item.key === 'external' ? { externalId: `name of ${item.name}` } : {}),
})

/** What an answer that stands means for the item. */
export function conclude({ item, history }: Sending, answer: Answer | undefined, assetId: unknown): string | undefined {
  if (answer === undefined) return undefined
  if (answer.status >= 300 || typeof assetId !== 'string') {
    history.write({ what: 'refused', item: item.name, status: answer.status, code: String(answer.body['code'] ?? '') })
    return undefined
  }
  history.write({ what: 'acknowledged', item: item.name, assetId, status: answer.status })
  return assetId
}
