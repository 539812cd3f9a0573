import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'
import { acceptAsset } from '../core/accept.ts'
import { assetEvents } from '../core/db/events.ts'
import { createWebhook, listWebhooks } from '../core/db/webhooks.ts'
import { newId } from '../core/ids.ts'
import { startDeliveries } from '../workers/notify/start-deliveries.ts'
import { atEnd } from './setup/at-end.ts'
import { testHouse } from './setup/house.ts'
import { hurried } from './setup/hurried-pace.ts'
import { startProcess } from './setup/live-house.ts'

const receiver = fileURLToPath(new URL('../docs/examples/webhook-receiver.mjs', import.meta.url))
const page = fileURLToPath(new URL('../docs/webhooks.md', import.meta.url))

it('the page shows the receiver that is there, and names every type of event', async () => {
  const text = await readFile(page, 'utf8')
  const [, shown] = /<!-- receiver -->\n\n```js\n([\s\S]*?)```\n/.exec(text) ?? []
  expect(shown).toBe(await readFile(receiver, 'utf8'))
  const named = [...text.matchAll(/^\| `([a-z]+\.[a-z]+)`/gm)].map(([, type]) => type)
  expect(named).toEqual([...assetEvents, 'asset.progress', 'webhook.disabled'])
})

it('the receiver of the page takes what is sent, and refuses what somebody else signed', async () => {
  const house = await testHouse({ env: { FETCH_ALLOW: '127.0.0.1' } })
  const webhook = { id: newId(), tenant: 'default', url: 'http://127.0.0.1', events: ['asset.created'] }
  const { secret } = await createWebhook(house.db, webhook)
  const started = startProcess({ args: [receiver], env: { PORT: '0', SECRET: secret } })
  const port = await vi.waitFor(() => {
    const [, found] = /listening on (\d+)/.exec(started.said()) ?? []
    if (found === undefined) throw new Error(started.log())
    return found
  })
  const url = `http://127.0.0.1:${port}/`
  await house.db.updateTable('webhooks').set({ url }).where('id', '=', webhook.id).execute()
  const source = { type: 'url' as const, url: 'https://example.com/a.mp4' }
  const { asset } = await acceptAsset(house, { tenant: 'default', source })
  const deliveries = startDeliveries({ house, concurrency: 4, pace: hurried })
  atEnd(() => deliveries.close())
  await vi.waitFor(() => expect(started.said()).toContain(`asset.created ${asset.id} queued`))
  await vi.waitFor(async () => expect(await listWebhooks(house.db, 'default')).toMatchObject([{ healthy: true }]))
  const forged = { 'webhook-id': 'x', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' }
  expect((await fetch(url, { method: 'POST', headers: forged, body: '{}' })).status).toBe(400)
})
