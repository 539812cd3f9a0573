import type { Webhook } from './webhooks.ts'

/** An endpoint as its owner sees it; never its secret. */
export function webhookView(webhook: Webhook) {
  const time = (date: Date | null) => date?.toISOString() ?? null
  return {
    id: webhook.id,
    url: webhook.url,
    events: webhook.events,
    status: webhook.disabled_at === null ? ('enabled' as const) : ('disabled' as const),
    disabledReason: webhook.disabled_reason,
    failingSince: time(webhook.failing_since),
    disabledAt: time(webhook.disabled_at),
    createdAt: webhook.created_at.toISOString(),
  }
}
