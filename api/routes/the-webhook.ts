import type { Webhook } from '../../core/db/webhooks.ts'
import { SluiceError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'

type Key = { id: string; tenant: string }

/** The endpoint that an address names, as a statement gives it back. Another tenant's is as absent as one that never was. */
export async function theWebhook(key: Key, ask: (key: Key) => Promise<Webhook | undefined>): Promise<Webhook> {
  const webhook = isId(key.id) ? await ask(key) : undefined
  if (webhook === undefined) throw noWebhook(key.id)
  return webhook
}

export const noWebhook = (id: string) =>
  new SluiceError('not_found', { message: `no webhook ${id}`, publicMessage: 'There is no webhook with this id.' })
