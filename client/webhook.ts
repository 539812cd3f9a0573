import type { AssetEvent } from './events.ts'

/** A webhook that did not come from where it says, or came too late. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError'
}

/** Sluice also tells of its own endpoints, as when one was switched off. */
export type WebhookEvent = AssetEvent | { type: string & {}; timestamp: string; data: unknown }

type SentHeaders = Headers | Record<string, string | string[] | undefined>

export type VerifyOptions = {
  /** How far the clocks may be apart, and how old a call may be: 300 s by default. */
  toleranceSeconds?: number
  /** In milliseconds; for tests. */
  now?: number
}

/**
 * Checks a webhook by the Standard Webhooks specification, and gives its event. `payload` is the body as it came, not parsed
 * and written again. Of several secrets, as while they are changed, any one will do.
 */
export async function verifyWebhook(
  payload: string | Uint8Array,
  headers: SentHeaders,
  secret: string | readonly string[],
  { toleranceSeconds = 300, now = Date.now() }: VerifyOptions = {},
): Promise<WebhookEvent> {
  const id = headerOf(headers, 'webhook-id')
  const timestamp = headerOf(headers, 'webhook-timestamp')
  const signatures = headerOf(headers, 'webhook-signature')
  if (!id || !timestamp || !signatures) throw refused('it lacks webhook-id, webhook-timestamp or webhook-signature')
  if (!/^\d{1,12}$/.test(timestamp)) throw refused('its webhook-timestamp is no time')
  if (Math.abs(now / 1_000 - Number(timestamp)) > toleranceSeconds) throw refused('it is too old, or from the future')
  const text = typeof payload === 'string' ? payload : new TextDecoder().decode(payload)
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${text}`)
  for (const one of [secret].flat()) if (await holds({ secret: one, signatures, signed })) return JSON.parse(text)
  throw refused('no signature of it holds')
}

const refused = (why: string) => new WebhookVerificationError(`this webhook is not to be trusted: ${why}`)

function headerOf(headers: SentHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  const [, value] = Object.entries(headers).find(([key]) => key.toLowerCase() === name) ?? []
  return Array.isArray(value) ? value[0] : value
}

type Signed = { secret: string; signatures: string; signed: Uint8Array<ArrayBuffer> }

/** `verify` of WebCrypto takes as long for a wrong signature as for a right one. */
async function holds({ secret, signatures, signed }: Signed): Promise<boolean> {
  const bytes = decoded(secret.replace(/^whsec_/, ''))
  if (bytes === undefined || bytes.length === 0) throw new TypeError('the secret of a webhook is whsec_ and base64')
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  for (const one of signatures.split(' ')) {
    const [version, base64 = ''] = one.split(',')
    const signature = version === 'v1' ? decoded(base64) : undefined
    if (signature !== undefined && (await crypto.subtle.verify('HMAC', key, signature, signed))) return true
  }
  return false
}

function decoded(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  } catch {
    return undefined
  }
}
