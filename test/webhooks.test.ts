import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { acceptAsset } from '../core/accept.ts'
import { cancelAsset, deleteAsset } from '../core/db/asset-endings.ts'
import { headOf } from '../core/db/deliveries.ts'
import { claimLanes } from '../core/db/delivery-lanes.ts'
import { forgetDeletedWebhooks } from '../core/db/forget-webhooks.ts'
import { leaveEmptyLane, type Settlement, settleDelivery } from '../core/db/settle-delivery.ts'
import { takeUpEvents } from '../core/db/take-up-events.ts'
import type { Pace } from '../workers/notify/pace.ts'
import { startDeliveries } from '../workers/notify/start-deliveries.ts'
import { bearer, type KeyedApp, keyedApp } from './setup/app.ts'
import { hurried } from './setup/hurried-pace.ts'
import { lanesOf, receiver } from './setup/receiver.ts'
import { waitingForLocks } from './setup/waiting-for-locks.ts'

let house: KeyedApp['house']
let app: KeyedApp['app']
let keyFor: KeyedApp['keyFor']
let tenants = 0

beforeAll(async () => {
  const keyed = await keyedApp({ FETCH_ALLOW: '127.0.0.1' })
  house = keyed.house
  app = keyed.app
  keyFor = keyed.keyFor
})

const dayMs = 24 * 3_600_000
/** It is tried again soon for three times, and not any more while a test waits. */
const usualDays = { giveUpMs: dayMs, disableAfterMs: 5 * dayMs, pausesMs: [10, 10, 10, dayMs / 24] }

/** Each test has a tenant and a worker of its own, so that none hears what another does. */
async function customer() {
  const tenant = `tenant-${++tenants}`
  onTestFinished(async () => {
    await house.db.deleteFrom('webhooks').where('tenant', '=', tenant).execute()
  })
  const headers = bearer(await keyFor(tenant, ['webhooks', 'assets']))
  const call = async (method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object) => {
    const answer = await app.inject({ method, url: path, headers, ...(payload && { payload }) })
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
  }
  const webhook = async (wish: object) => (await call('POST', '/v1/webhooks', wish)).body
  const accept = async (webhookUrl?: string) => {
    const source = { type: 'url' as const, url: 'https://example.com/a.mp4?sig=CANARY' }
    return (await acceptAsset(house, { tenant, source, webhookUrl })).asset
  }
  return {
    ...{ tenant, call, webhook, accept },
    cancel: (id: string) => cancelAsset(house.db, { id, tenant }),
    remove: (id: string) => deleteAsset(house.db, { id, tenant }),
    deliveries: async (id: string) => (await call('GET', `/v1/webhooks/${id}/deliveries?limit=100`)).body.data,
  }
}

function worker(pace: Partial<Pace> = {}, concurrency = 16) {
  const deliveries = startDeliveries({ house, concurrency, pace: { ...hurried, ...pace }, graceMs: 100 })
  onTestFinished(() => deliveries.close())
}

describe('/v1/webhooks', () => {
  it('shows the secret once, and an endpoint to its own tenant alone', async () => {
    const [mine, theirs] = [await customer(), await customer()]
    const wish = { url: 'https://shop.example.com/hook?token=t', events: ['asset.ready', 'asset.ready'] }
    const made = await mine.call('POST', '/v1/webhooks', wish)
    expect(made.status).toBe(201)
    expect(made.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const { secret, ...shown } = made.body
    expect(shown).toMatchObject({ url: wish.url, events: ['asset.ready'], status: 'enabled' })
    expect((await mine.call('GET', '/v1/webhooks')).body).toEqual({ data: [shown], nextCursor: null })
    expect((await mine.call('GET', `/v1/webhooks/${shown.id}`)).body).toEqual(shown)
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/deliveries'],
      ['POST', '/enable'],
      ['POST', '/rotate-secret'],
      ['DELETE', ''],
    ] as const)
      expect((await theirs.call(method, `/v1/webhooks/${shown.id}${path}`)).status, path).toBe(404)
    expect((await theirs.call('GET', '/v1/webhooks')).body.data).toEqual([])
    expect((await mine.call('DELETE', `/v1/webhooks/${shown.id}`)).status).toBe(204)
    expect((await mine.call('GET', `/v1/webhooks/${shown.id}`)).status).toBe(404)
  })

  it('wants the scope, an address that may be called, and events that there are', async () => {
    const { call } = await customer()
    const refused = async (wish: object) => (await call('POST', '/v1/webhooks', wish)).body
    expect(await refused({ url: 'https://example.com', events: ['asset.gone'] })).toMatchObject({ status: 400 })
    expect(await refused({ url: 'https://example.com', events: [] })).toMatchObject({ status: 400 })
    expect(await refused({ url: 'http://10.0.0.1/' })).toMatchObject({
      ...{ status: 422, code: 'url_not_allowed', errors: [{ path: 'url' }] },
    })
    const headers = bearer(await keyFor('acme', ['assets']))
    expect((await app.inject({ url: '/v1/webhooks', headers })).statusCode).toBe(403)
  })

  it('says of an address that may not be called what its operator can do, and nothing of what is there', async () => {
    const { call } = await customer()
    const said = async (url: string) => (await call('POST', '/v1/webhooks', { url })).body.detail
    const refused = 'This address may not be called: it leads to an address that is not public.'
    for (const url of ['http://10.0.0.1/', 'http://[::1]:9/', 'https://169.254.169.254/latest'])
      expect(await said(url)).toBe(`${refused} Its host can be exempted in FETCH_ALLOW.`)
  })

  it('are so many for one tenant, however many ask at once', async () => {
    const { call } = await customer()
    const url = 'https://shop.example.com/'
    const made = await Promise.all(Array.from({ length: 25 }, () => call('POST', '/v1/webhooks', { url })))
    expect(made.filter(({ status }) => status === 201)).toHaveLength(20)
    expect(made.find(({ status }) => status !== 201)?.body).toMatchObject({ status: 409, code: 'too_many_webhooks' })
  })
})

describe('an endpoint', () => {
  it('is told of the events it asked for, with the asset, signed by its secret', async () => {
    const { webhook, accept, cancel, deliveries } = await customer()
    const shop = await receiver()
    const { id, secret } = await webhook({ url: shop.url, events: ['asset.created', 'asset.cancelled'] })
    shop.state.secret = secret
    const asset = await accept()
    worker()
    await vi.waitFor(() => expect(shop.taken).toHaveLength(1))
    await cancel(asset.id)
    await vi.waitFor(() => expect(shop.taken).toHaveLength(2))
    expect(shop.state.wrong).toBe(0)
    const [first, last] = shop.taken
    expect(first?.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': first?.id })
    expect(last?.message).toMatchObject({ type: 'asset.cancelled', timestamp: expect.stringMatching(/Z$/) })
    expect(last?.message.data).toMatchObject({ id: asset.id, status: 'cancelled', playback: null })
    expect(JSON.stringify(shop.received)).not.toContain('CANARY')
    await vi.waitFor(async () =>
      expect((await deliveries(id)).map(({ status }: { status: string }) => status)).toEqual([
        'delivered',
        'delivered',
      ]),
    )
    const [delivery] = await deliveries(id)
    expect(delivery).toMatchObject({ eventId: last?.id, type: 'asset.cancelled', assetId: asset.id, attempts: 1 })
    expect(delivery).toMatchObject({ responseStatus: 204, error: null, nextAttemptAt: null })
    expect(delivery.tries).toEqual([{ at: expect.any(String), ms: expect.any(Number), status: 204, error: null }])
  })

  it('that an asset names by itself is told of all its events, signed by the secret of the tenant', async () => {
    const { call, accept, cancel } = await customer()
    const shop = await receiver()
    const first = (await call('POST', '/v1/webhooks/asset-secret')).body
    const { secret } = (await call('POST', '/v1/webhooks/asset-secret')).body
    expect(first.secret).not.toBe(secret)
    const asset = await accept(`${shop.url}?order=17`)
    const other = await accept()
    await cancel(asset.id)
    await cancel(other.id)
    shop.state.secret = secret
    // Whoever still has the first secret understands for a day.
    const late = await receiver()
    late.state.secret = first.secret
    await accept(late.url)
    worker()
    await vi.waitFor(() => expect([shop.taken.length, late.taken.length]).toEqual([2, 1]))
    expect(lanesOf(shop.taken)).toEqual(new Map([[asset.id, ['asset.created', 'asset.cancelled']]]))
    expect(shop.taken[0]?.path).toBe('/hook?order=17')
    expect((await call('GET', '/v1/webhooks')).body.data).toEqual([])
    await vi.waitFor(async () => {
      const { data } = (await call('GET', `/v1/assets/${asset.id}/deliveries`)).body
      expect(data.map(({ status }: { status: string }) => status)).toEqual(['delivered', 'delivered'])
    })
  })

  it('whose secret was replaced gets both signatures for a day', async () => {
    const { call, webhook, accept } = await customer()
    const [before, after] = [await receiver(), await receiver()]
    for (const shop of [before, after]) {
      const { id, secret } = await webhook({ url: shop.url })
      const rotated = (await call('POST', `/v1/webhooks/${id}/rotate-secret`)).body
      shop.state.secret = shop === before ? secret : rotated.secret
    }
    await accept()
    worker()
    await vi.waitFor(() => expect([before.taken.length, after.taken.length]).toEqual([1, 1]))
    expect(before.taken[0]?.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/)
  })

  it('that fails at one event gets it again and again, and nothing later of that asset, while others go on', async () => {
    const { webhook, accept, cancel } = await customer()
    const ids: { bad?: string } = {}
    const shop = await receiver(({ message }, response) => {
      const fails = message.data.id === ids.bad && message.type === 'asset.created'
      response.writeHead(fails ? 500 : 200).end()
    })
    shop.state.secret = (await webhook({ url: shop.url })).secret
    const [bad, good] = [await accept(), await accept()]
    ids.bad = bad.id
    await cancel(bad.id)
    await cancel(good.id)
    worker({ pausesMs: [10], giveUpMs: 1_000_000 })
    const tries = () => shop.received.filter(({ message }) => message.data.id === bad.id)
    await vi.waitFor(() => expect(tries().length).toBeGreaterThan(3))
    await vi.waitFor(() =>
      expect(lanesOf(shop.taken)).toEqual(new Map([[good.id, ['asset.created', 'asset.cancelled']]])),
    )
    expect(new Set(tries().map(({ id }) => id)).size).toBe(1)
    delete ids.bad
    await vi.waitFor(() => expect(lanesOf(shop.taken).get(bad.id)).toEqual(['asset.created', 'asset.cancelled']))
  })

  it('is spared an event that it would not take for a day, and gets the next; and that one again when it is asked for', async () => {
    const { call, webhook, accept, cancel, deliveries } = await customer()
    const state = { status: 500 }
    const shop = await receiver(({ message }, response) =>
      response.writeHead(message.type === 'asset.created' ? state.status : 200).end(),
    )
    const { id, secret } = await webhook({ url: shop.url })
    shop.state.secret = secret
    const asset = await accept()
    await cancel(asset.id)
    worker({ pausesMs: [10], giveUpMs: 100 })
    await vi.waitFor(() => expect(lanesOf(shop.taken).get(asset.id)).toEqual(['asset.cancelled']))
    await vi.waitFor(async () => expect((await deliveries(id))[0].status).toBe('delivered'))
    const failed = (await call('GET', `/v1/webhooks/${id}/deliveries?status=failed`)).body.data
    expect(failed).toMatchObject([{ type: 'asset.created', responseStatus: 500, error: 'The endpoint answered 500' }])
    expect(failed[0].tries.length).toBe(failed[0].attempts)
    expect(failed[0].attempts).toBeGreaterThan(1)
    state.status = 200
    const stranger = await customer()
    const path = `/v1/webhooks/deliveries/${failed[0].id}/redeliver`
    expect((await stranger.call('POST', path)).status).toBe(404)
    expect((await call('POST', path)).status).toBe(202)
    await vi.waitFor(() => expect(shop.taken.map((one) => one.id)).toContain(failed[0].eventId))
  })

  it('that answers 410 is disabled, which is told to those who asked for that, and goes on once it is enabled', async () => {
    const { call, webhook, accept, cancel } = await customer()
    const state = { status: 410 }
    const shop = await receiver((_received, response) => response.writeHead(state.status).end())
    const watch = await receiver()
    const { id, secret } = await webhook({ url: shop.url })
    shop.state.secret = secret
    watch.state.secret = (await webhook({ url: watch.url, events: ['webhook.disabled'] })).secret
    const [one, two] = [await accept(), await accept()]
    await cancel(one.id)
    await cancel(two.id)
    worker()
    await vi.waitFor(() => expect(watch.taken).toHaveLength(1))
    expect(watch.taken[0]?.message).toMatchObject({ type: 'webhook.disabled', data: { id, disabledReason: 'gone' } })
    expect((await call('GET', `/v1/webhooks/${id}`)).body).toMatchObject({ status: 'disabled' })
    const unheard = await accept()
    const { data } = (await call('GET', `/v1/webhooks/${id}/deliveries?status=pending`)).body
    expect((await call('POST', `/v1/webhooks/deliveries/${data[0].id}/redeliver`)).status).toBe(409)
    while ((await takeUpEvents(house)) > 0);
    state.status = 200
    expect((await call('POST', `/v1/webhooks/${id}/enable`)).body).toMatchObject({ status: 'enabled' })
    const whole = ['asset.created', 'asset.cancelled']
    await vi.waitFor(() => expect([one, two].map((asset) => lanesOf(shop.taken).get(asset.id))).toEqual([whole, whole]))
    expect(lanesOf(shop.taken).has(unheard.id)).toBe(false)
  })

  it('that is enabled after days is tried as if it never had been: one more failure loses nothing', async () => {
    const { call, webhook, accept } = await customer()
    const answers = [410, 503, 503]
    const shop = await receiver((_received, response) => response.writeHead(answers.shift() ?? 200).end())
    const { id, secret } = await webhook({ url: shop.url })
    shop.state.secret = secret
    const asset = await accept()
    worker(usualDays)
    await vi.waitFor(async () => expect((await call('GET', `/v1/webhooks/${id}`)).body.status).toBe('disabled'))
    const { db } = house
    const days = { first_tried_at: new Date(Date.now() - 3 * dayMs), attempts: 18 }
    await db.updateTable('deliveries').set(days).where('webhook_id', '=', id).execute()
    await call('POST', `/v1/webhooks/${id}/enable`)
    await vi.waitFor(() => expect(lanesOf(shop.taken).get(asset.id)).toEqual(['asset.created']))
    expect(shop.received).toHaveLength(4)
  })

  it('is sent what was given up again, with short pauses first, when that is asked for', async () => {
    const { call, webhook, accept, deliveries } = await customer()
    const shop = await receiver((_received, response) => response.writeHead(shop.received.length < 3 ? 503 : 200).end())
    const { id, secret } = await webhook({ url: shop.url })
    shop.state.secret = secret
    await accept()
    while ((await takeUpEvents(house)) > 0);
    const [lane] = await claimLanes(house.db, { webhookId: id, limit: 1, leaseMs: 60_000 })
    const [given] = await deliveries(id)
    const tried = { at: new Date().toISOString(), ms: 1, status: 500, error: 'The endpoint answered 500' }
    if (lane === undefined) throw new Error('there is no lane')
    await settleDelivery(house.db, lane, { deliveryId: given.id, tried, to: 'failed' })
    await house.db.updateTable('deliveries').set({ attempts: 18 }).where('id', '=', given.id).execute()
    await call('POST', `/v1/webhooks/deliveries/${given.id}/redeliver`)
    worker(usualDays)
    await vi.waitFor(async () => expect(await deliveries(id)).toMatchObject([{ status: 'delivered', attempts: 21 }]))
  })

  it('from which nothing but failures came for days is disabled', async () => {
    const { call, webhook, accept } = await customer()
    const shop = await receiver((_received, response) => response.writeHead(503).end())
    const { id, secret } = await webhook({ url: shop.url })
    shop.state.secret = secret
    await accept()
    worker({ pausesMs: [10], disableAfterMs: 50, disableAfterFailures: 5 })
    await vi.waitFor(async () =>
      expect((await call('GET', `/v1/webhooks/${id}`)).body).toMatchObject({
        ...{ status: 'disabled', disabledReason: 'failing', failingSince: expect.any(String) },
      }),
    )
    expect(shop.received.length).toBeGreaterThanOrEqual(5)
  })

  it('that does not answer holds up no other, however much waits for it', async () => {
    const { webhook, accept } = await customer()
    const register = async (shop: Awaited<ReturnType<typeof receiver>>) => {
      shop.state.secret = (await webhook({ url: shop.url })).secret
    }
    const shop = await receiver()
    await register(shop)
    worker({ answerMs: 60_000, leaseMs: 120_000 })
    await accept()
    await vi.waitFor(() => expect(shop.taken).toHaveLength(1))
    const hanging = await Promise.all(Array.from({ length: 10 }, () => receiver(() => undefined)))
    for (const one of hanging) await register(one)
    const assets = await Promise.all(Array.from({ length: 12 }, () => accept()))
    await vi.waitFor(() => expect(shop.taken).toHaveLength(1 + assets.length))
    const open = hanging.map(({ received }) => received.length)
    expect(Math.max(...open)).toBeLessThanOrEqual(2)
    expect(open.reduce((sum, n) => sum + n)).toBeLessThanOrEqual(4)
  })

  it('has its turn, though others like it always have more waiting', async () => {
    const { webhook, accept } = await customer()
    const order: string[] = []
    for (const name of ['first', 'second', 'third']) {
      const shop = await receiver((_received, response) => {
        order.push(name)
        response.writeHead(200).end()
      })
      shop.state.secret = (await webhook({ url: shop.url })).secret
    }
    await Promise.all(Array.from({ length: 6 }, () => accept()))
    // Nobody is soon enough to be good: they share one slot.
    worker({ soonMs: -1 }, 4)
    await vi.waitFor(() => expect(order).toHaveLength(18))
    const turns = [0, 3, 6].map((at) => order.slice(at, at + 3).toSorted())
    expect(turns).toEqual(turns.map(() => ['first', 'second', 'third']))
  })

  it('that is deleted is there for nobody any more, and is sent nothing of what waited for it', async () => {
    const { call, webhook, accept, deliveries } = await customer()
    const [shop, watch] = [await receiver(), await receiver()]
    const { id, secret } = await webhook({ url: shop.url })
    shop.state.secret = secret
    const asset = await accept()
    while ((await takeUpEvents(house)) > 0);
    const [{ id: waiting }] = await deliveries(id)
    expect((await call('DELETE', `/v1/webhooks/${id}`)).status).toBe(204)
    for (const [method, path] of [
      ['GET', `/v1/webhooks/${id}`],
      ['DELETE', `/v1/webhooks/${id}`],
      ['POST', `/v1/webhooks/${id}/enable`],
      ['POST', `/v1/webhooks/${id}/rotate-secret`],
      ['GET', `/v1/webhooks/${id}/deliveries`],
      ['POST', `/v1/webhooks/deliveries/${waiting}/redeliver`],
    ] as const)
      expect((await call(method, path)).status, path).toBe(404)
    expect((await call('GET', `/v1/assets/${asset.id}/deliveries`)).body.data).toEqual([])
    const other = await webhook({ url: watch.url })
    watch.state.secret = other.secret
    expect((await call('GET', '/v1/webhooks')).body.data).toMatchObject([{ id: other.id }])
    // Even where a worker was just about to take the lane.
    const [lane] = await claimLanes(house.db, { webhookId: id, limit: 1, leaseMs: 60_000 })
    expect(lane && (await headOf(house.db, lane))).toBeUndefined()
    if (lane) await leaveEmptyLane(house.db, lane)
    await accept()
    worker()
    await vi.waitFor(() => expect(watch.taken).toHaveLength(1))
    expect(shop.received).toEqual([])
  })

  it('is deleted while others write down what came of it, and holds up neither them nor any event', async () => {
    const { call, webhook, accept } = await customer()
    const { id } = await webhook({ url: 'https://shop.example.com/' })
    await webhook({ url: 'https://other.example.com/' })
    await accept()
    while ((await takeUpEvents(house)) > 0);
    const left = (table: 'deliveries' | 'delivery_lanes') =>
      house.db.selectFrom(table).select('webhook_id').where('webhook_id', '=', id).execute()
    expect(await left('deliveries')).toHaveLength(1)
    const forgotten = await house.db.transaction().execute(async (trx) => {
      // As whoever settles does: the lane, then the delivery.
      await trx.selectFrom('delivery_lanes').select('run').where('webhook_id', '=', id).forUpdate().execute()
      expect((await call('DELETE', `/v1/webhooks/${id}`)).status).toBe(204)
      const forgetting = forgetDeletedWebhooks(house.db)
      await waitingForLocks(house.db, { many: 1, like: '%delivery_lanes%' })
      await accept()
      expect(await takeUpEvents(house)).toBe(1)
      await trx.updateTable('deliveries').set({ attempts: 1 }).where('webhook_id', '=', id).execute()
      return { forgetting }
    })
    await forgotten.forgetting
    await vi.waitFor(async () => {
      await forgetDeletedWebhooks(house.db)
      const rows = house.db.selectFrom('webhooks').select('id').where('id', '=', id).execute()
      expect([await rows, await left('delivery_lanes'), await left('deliveries')]).toEqual([[], [], []])
    })
  })

  it('is not followed to where it redirects, and of what it answers little is read', async () => {
    const { webhook, accept, deliveries } = await customer()
    const lured = await receiver()
    const sender = await receiver((_received, response) => response.writeHead(307, { location: lured.url }).end())
    const endless = await receiver((_received, response) => {
      response.writeHead(200)
      const more = () => void response.write('x'.repeat(65_536), () => response.destroyed || setImmediate(more))
      more()
    })
    const ids: string[] = []
    for (const one of [sender, endless]) {
      const { id, secret } = await webhook({ url: one.url })
      one.state.secret = secret
      ids.push(id)
    }
    await accept()
    worker({ giveUpMs: 0, pausesMs: [1_000] })
    const said = async (id = '') => (await deliveries(id))[0]
    await vi.waitFor(async () => expect(await said(ids[0])).toMatchObject({ status: 'failed', responseStatus: 307 }))
    await vi.waitFor(async () => expect(await said(ids[1])).toMatchObject({ status: 'delivered' }))
    expect(lured.received.length + lured.state.wrong).toBe(0)
  })
})

describe('a lane', () => {
  it('that another worker has taken since is written to no more', async () => {
    const { webhook, accept, deliveries } = await customer()
    const { id } = await webhook({ url: 'https://shop.example.com/' })
    await accept()
    while ((await takeUpEvents(house)) > 0);
    const claim = { webhookId: id, limit: 5, leaseMs: 0 }
    const [[mine], [theirs]] = [await claimLanes(house.db, claim), await claimLanes(house.db, claim)]
    if (mine === undefined || theirs === undefined) throw new Error('there is no lane')
    const [{ id: deliveryId }] = await deliveries(id)
    const tried = { at: new Date().toISOString(), ms: 1, status: 200, error: null }
    const settled = { deliveryId, tried, to: 'delivered' as const }
    expect(await settleDelivery(house.db, mine, settled)).toBe(false)
    expect(await deliveries(id)).toMatchObject([{ status: 'pending', attempts: 0 }])
    expect(await settleDelivery(house.db, theirs, settled)).toBe(true)
    expect(await deliveries(id)).toMatchObject([{ status: 'delivered', attempts: 1 }])
    expect(await claimLanes(house.db, claim)).toEqual([])
  })

  /** One with two events in it; `claim` takes it, if it may be taken, and says what is first in it. */
  async function laneOfTwo() {
    const { call, webhook, accept, cancel, deliveries } = await customer()
    const { id } = await webhook({ url: 'https://shop.example.com/' })
    await cancel((await accept()).id)
    while ((await takeUpEvents(house)) > 0);
    const claim = async () => {
      const [lane] = await claimLanes(house.db, { webhookId: id, limit: 5, leaseMs: 60_000 })
      const head = lane && (await headOf(house.db, lane))
      if (lane === undefined || head === undefined) return undefined
      const tried = { at: new Date().toISOString(), ms: 1, status: null, error: null }
      const settle = (to: Settlement['to']) => settleDelivery(house.db, lane, { deliveryId: head.id, tried, to })
      return { type: head.type, settle }
    }
    const [, created] = await deliveries(id)
    const again = (delivery: { id: string }) => call('POST', `/v1/webhooks/deliveries/${delivery.id}/redeliver`)
    const enable = () => call('POST', `/v1/webhooks/${id}/enable`)
    return { id, claim, created, again, enable }
  }
  const hours = { againInMs: 7_200_000 }

  it('that somebody is at is not begun again by what is asked for meanwhile, which then goes first and at once', async () => {
    const { claim, created, again } = await laneOfTwo()
    expect(await (await claim())?.settle('delivered')).toBe(true)
    const underWay = await claim()
    expect(underWay?.type).toBe('asset.cancelled')
    expect((await again(created)).status).toBe(202)
    expect(await claim()).toBeUndefined()
    expect(await underWay?.settle(hours)).toBe(true)
    const next = await claim()
    expect(next?.type).toBe('asset.created')
    expect(await next?.settle('delivered')).toBe(true)
    expect((await claim())?.type).toBe('asset.cancelled')
  })

  it('goes on as it was when its endpoint is enabled, which it is', async () => {
    const { claim, enable } = await laneOfTwo()
    const underWay = await claim()
    expect((await enable()).body).toMatchObject({ status: 'enabled' })
    expect(await claim()).toBeUndefined()
    expect(await underWay?.settle(hours)).toBe(true)
    expect((await enable()).status).toBe(200)
    expect(await claim()).toBeUndefined()
  })

  it('of an endpoint that is enabled again is taken at once, unless somebody is still at it', async () => {
    const { id, claim, enable } = await laneOfTwo()
    const disable = () =>
      house.db.updateTable('webhooks').set({ disabled_at: new Date() }).where('id', '=', id).execute()
    const underWay = await claim()
    await disable()
    await enable()
    expect(await claim()).toBeUndefined()
    expect(await underWay?.settle(hours)).toBe(true)
    await disable()
    await enable()
    expect((await claim())?.type).toBe('asset.created')
  })
})
