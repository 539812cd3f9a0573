import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'
import { acceptAsset } from '../core/accept.ts'
import { cancelAsset, deleteAsset } from '../core/db/asset-endings.ts'
import { waitUntil } from '../core/db/embedded/wait-until.ts'
import { createWebhook } from '../core/db/webhooks.ts'
import { newId } from '../core/ids.ts'
import { testHouse } from './setup/house.ts'
import { startProcess } from './setup/live-house.ts'
import { lanesOf, receiver } from './setup/receiver.ts'
import { tempFolder } from './setup/temp-folder.ts'

const courier = fileURLToPath(new URL('./setup/hurried-courier.ts', import.meta.url))
/** What the couriers of this test take for an hour. */
const hourMs = 2_000

it('a receiver that fails for an hour gets every event afterwards, in order for each asset, each with a good signature, though a worker dies meanwhile', async () => {
  const house = await testHouse({ env: { FETCH_ALLOW: '127.0.0.1' } })
  const folder = await tempFolder()
  const env = {
    ...{ DATABASE_URL: house.databaseUrl, QUEUE_URL: house.databaseUrl, AUTH: 'none', LOG_LEVEL: 'info', PORT: '0' },
    ...{ FETCH_ALLOW: '127.0.0.1', STORAGE_DIR: `${folder}/media`, SCRATCH_DIR: `${folder}/scratch` },
  }
  const courierAt = async (n: number) => {
    const started = startProcess({ args: [courier], env: { ...env, SCRATCH_DIR: `${folder}/scratch${n}` } })
    const ask = () => started.log().includes('worker takes tasks') || undefined
    await waitUntil({ what: 'a courier', timeoutMs: 30_000, ask })
    return started
  }
  const first = await courierAt(1)

  const state = { fails: true, tries: 0, since: Number.POSITIVE_INFINITY }
  const shop = await receiver((_received, response) => {
    state.since = Math.min(state.since, performance.now())
    // Of some tries nobody ever hears how they ended.
    if (state.fails && state.tries++ % 5 === 4) return
    response.writeHead(state.fails ? 500 : 200).end(randomBytes(20_000))
  })
  const webhook = await createWebhook(house.db, {
    ...{ id: newId(), tenant: 'default', url: shop.url },
    events: ['asset.created', 'asset.cancelled', 'asset.deleted'],
  })
  shop.state.secret = webhook.secret
  const assets = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const source = { type: 'url' as const, url: 'https://example.com/a.mp4' }
      const { asset } = await acceptAsset(house, { tenant: 'default', source })
      await cancelAsset(house.db, { id: asset.id, tenant: 'default' })
      await deleteAsset(house.db, { id: asset.id, tenant: 'default' })
      return asset.id
    }),
  )
  await vi.waitFor(() => expect(state.tries).toBeGreaterThan(5))
  first.kill('SIGKILL')
  expect(await first.ended).toBe('SIGKILL')
  await courierAt(2)
  await vi.waitFor(() => expect(performance.now() - state.since).toBeGreaterThan(hourMs))
  expect(shop.taken).toEqual([])
  state.fails = false

  const whole = ['asset.created', 'asset.cancelled', 'asset.deleted']
  await vi.waitFor(() => expect(lanesOf(shop.taken)).toEqual(new Map(assets.map((id) => [id, whole]))), {
    timeout: 60_000,
  })
  expect(shop.state.wrong).toBe(0)
  const sent = new Map(Map.groupBy(shop.received, ({ id }) => id))
  expect(sent.size).toBe(assets.length * whole.length)
  // The same body at each try.
  for (const tries of sent.values()) expect(new Set(tries.map(({ message }) => JSON.stringify(message))).size).toBe(1)
  await vi.waitFor(async () => {
    const left = await house.db.selectFrom('delivery_lanes').selectAll().execute()
    expect(left).toEqual([])
  })
}, 120_000)
