import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { buildApp } from '../api/app.ts'
import { type StreamLimits, usualLimits } from '../api/server-limits.ts'
import { acceptAsset } from '../core/accept.ts'
import { cancelAsset, deleteAsset } from '../core/db/asset-endings.ts'
import { insertEvent } from '../core/db/events.ts'
import { revokeKey } from '../core/db/keys.ts'
import { takeUpEvents } from '../core/db/take-up-events.ts'
import { newId } from '../core/ids.ts'
import { bearer, type KeyedApp, keyedApp } from './setup/app.ts'
import { atEnd } from './setup/at-end.ts'
import { listenTo } from './setup/event-stream.ts'
import type { TestHouse } from './setup/house.ts'
import { neighbourOf } from './setup/neighbour.ts'

let house: TestHouse
let keyFor: KeyedApp['keyFor']
let [one, other, mine] = ['', '', {}] as [string, string, Record<string, string>]

/** One more process of the same house. */
async function apiOf(parts: TestHouse, streams: Partial<StreamLimits> = {}) {
  const limits = { ...usualLimits, streams: { ...usualLimits.streams, ...streams } }
  const app = await buildApp(parts, { limits })
  atEnd(() => app.close())
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
}

beforeAll(async () => {
  const keyed = await keyedApp()
  house = keyed.house
  keyFor = keyed.keyFor
  mine = bearer(await keyFor('acme', ['assets']))
  one = (await apiOf(house)).url
  other = (await apiOf(neighbourOf(house))).url
})

const accept = async (tenant = 'acme') => {
  const source = { type: 'url' as const, url: 'https://example.com/a.mp4?sig=CANARY' }
  return (await acceptAsset(house, { tenant, source })).asset
}
const end = (id: string, tenant = 'acme') => cancelAsset(house.db, { id, tenant })
const told = (heard: Awaited<ReturnType<typeof listenTo>>['heard']) =>
  heard.map(({ event, data: { data } }) => `${event} ${data['id']}`)

describe('GET /v1/events', () => {
  it('tells of each event as it happens, with its asset, and of no other tenant', async () => {
    const stream = await listenTo(`${one}/v1/events`, mine)
    expect(stream.answer.status).toBe(200)
    expect(stream.answer.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(stream.answer.headers.get('x-accel-buffering')).toBe('no')
    expect(stream.answer.headers.get('cache-control')).toContain('no-store')
    const theirs = await accept('evil')
    const asset = await accept()
    await end(asset.id)
    await vi.waitFor(() => expect(stream.heard.length).toBeGreaterThanOrEqual(2))
    expect(told(stream.heard)).toEqual([`asset.created ${asset.id}`, `asset.cancelled ${asset.id}`])
    const { data, id } = stream.heard[1] ?? {}
    expect(data).toMatchObject({ type: 'asset.cancelled', timestamp: expect.stringMatching(/Z$/) })
    expect(data?.data).toMatchObject({
      id: asset.id,
      status: 'cancelled',
      source: { url: 'https://example.com/a.mp4' },
    })
    expect(JSON.stringify(stream.heard)).not.toMatch(new RegExp(`CANARY|${theirs.id}`))
    const row = house.db.selectFrom('events').select('id').where('asset_id', '=', asset.id).orderBy('sequence', 'desc')
    expect(id).toBe((await row.executeTakeFirstOrThrow()).id)
  })

  it('goes on after Last-Event-ID at any process: nothing missed, nothing twice', async () => {
    const first = await listenTo(`${one}/v1/events`, mine)
    const before = await accept()
    await vi.waitFor(() => expect(first.heard).toHaveLength(1))
    first.hangUp()
    const missed = [await accept(), await accept()]
    const lastId = first.heard[0]?.id ?? ''
    const byHeader = await listenTo(`${other}/v1/events`, { ...mine, 'last-event-id': lastId })
    const byQuery = await listenTo(`${other}/v1/events?lastEventId=${lastId}`, mine)
    const later = await accept()
    for (const stream of [byHeader, byQuery]) {
      await vi.waitFor(() => expect(stream.heard.length).toBeGreaterThanOrEqual(3))
      expect(told(stream.heard)).toEqual([...missed, later].map(({ id }) => `asset.created ${id}`))
    }
    expect(told(first.heard)).toEqual([`asset.created ${before.id}`])
  })

  it.each([0, 2])('misses nothing over a line that broke before its first event, after %i before it', async (many) => {
    const tenant = `quiet-${many}`
    const headers = bearer(await keyFor(tenant, ['assets']))
    for (let n = 0; n < many; n++) await accept(tenant)
    const broken = await listenTo(`${one}/v1/events`, headers)
    await vi.waitFor(() => expect(broken.lastId()).toBeDefined())
    broken.hangUp()
    const missed = await accept(tenant)
    await accept('evil')
    const stream = await listenTo(`${other}/v1/events`, { ...headers, 'last-event-id': broken.lastId() ?? '' })
    const later = await accept(tenant)
    await vi.waitFor(() => expect(stream.heard.length).toBeGreaterThanOrEqual(2))
    expect(told(stream.heard)).toEqual([missed, later].map(({ id }) => `asset.created ${id}`))
    expect(broken.heard).toEqual([])
  })

  it('reads on through more than a page', async () => {
    const start = await accept()
    const row = house.db.selectFrom('events').select('id').where('asset_id', '=', start.id)
    const { id } = await row.executeTakeFirstOrThrow()
    const assetId = newId()
    await house.db.transaction().execute(async (trx) => {
      for (let n = 0; n < 450; n++)
        await insertEvent(trx, { asset: { id: assetId, tenant: 'acme' }, type: 'asset.uploaded', payload: { n } })
    })
    while ((await takeUpEvents(house)) > 0);
    const stream = await listenTo(`${other}/v1/events`, { ...mine, 'last-event-id': id })
    await vi.waitFor(() => expect(stream.heard).toHaveLength(450))
    const rows = house.db.selectFrom('events').select('id').where('asset_id', '=', assetId).orderBy('sequence')
    expect(stream.heard.map((event) => event.id)).toEqual((await rows.execute()).map((event) => event.id))
  })

  it('tells nothing of endpoints, however many of their events lie between those of assets', async () => {
    const lines = [await listenTo(`${one}/v1/events`, mine)]
    const before = await accept()
    await vi.waitFor(() => expect(lines[0]?.heard).toHaveLength(1))
    await house.db.transaction().execute(async (trx) => {
      const data = { url: 'https://shop.example.com/hook?token=CANARY' }
      for (let n = 0; n < 250; n++)
        await insertEvent(trx, { asset: { id: newId(), tenant: 'acme' }, type: 'webhook.disabled', data })
    })
    const after = await accept()
    while ((await takeUpEvents(house)) > 0);
    lines.push(await listenTo(`${other}/v1/events`, { ...mine, 'last-event-id': lines[0]?.heard[0]?.id ?? '' }))
    for (const { heard } of lines) await vi.waitFor(() => expect(told(heard)).toContain(`asset.created ${after.id}`))
    expect(lines.map(({ heard }) => told(heard))).toEqual([
      [`asset.created ${before.id}`, `asset.created ${after.id}`],
      [`asset.created ${after.id}`],
    ])
    expect(JSON.stringify(lines.map(({ heard }) => heard))).not.toContain('CANARY')
  })

  it('misses no event of a transaction that began earlier and ended later', async () => {
    const stream = await listenTo(`${one}/v1/events`, mine)
    const slow = { id: newId(), tenant: 'acme' }
    const written = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const transaction = house.db.transaction().execute(async (trx) => {
      await insertEvent(trx, { asset: slow, type: 'asset.created' })
      written.resolve()
      await goOn.promise
    })
    await written.promise
    const quick = await accept()
    await vi.waitFor(() => expect(told(stream.heard)).toEqual([`asset.created ${quick.id}`]))
    goOn.resolve()
    await transaction
    await vi.waitFor(() => expect(told(stream.heard)).toEqual([quick, slow].map(({ id }) => `asset.created ${id}`)))
  })

  it('tells who comes back for what is not kept any more, and for what never was', async () => {
    const theirs = await accept('evil')
    while ((await takeUpEvents(house)) > 0);
    const row = house.db.selectFrom('events').select('id').where('asset_id', '=', theirs.id)
    const foreign = (await row.executeTakeFirstOrThrow()).id
    for (const id of [newId(), foreign]) {
      const { answer } = await listenTo(`${one}/v1/events`, { ...mine, 'last-event-id': id })
      expect(answer.status).toBe(410)
      expect(await answer.json()).toMatchObject({ code: 'event_forgotten' })
    }
    const { answer } = await listenTo(`${one}/v1/events`, { ...mine, 'last-event-id': '1 OR 1=1' })
    expect(await answer.json()).toMatchObject({ status: 400, code: 'invalid_request' })
    expect((await listenTo(`${one}/v1/events`)).answer.status).toBe(401)
    const uploads = bearer(await keyFor('acme', ['uploads']))
    expect((await listenTo(`${one}/v1/events`, uploads)).answer.status).toBe(403)
  })
})

describe('GET /v1/assets/:id/events', () => {
  it('begins with the first event of the asset, and tells of no other', async () => {
    const [asset, another] = [await accept(), await accept()]
    const stream = await listenTo(`${one}/v1/assets/${asset.id}/events`, mine)
    await vi.waitFor(() => expect(stream.heard).toHaveLength(1))
    await end(another.id)
    await deleteAsset(house.db, { id: asset.id, tenant: 'acme' })
    await vi.waitFor(() => expect(stream.heard).toHaveLength(2))
    expect(told(stream.heard)).toEqual([`asset.created ${asset.id}`, `asset.deleted ${asset.id}`])
    const { answer } = await listenTo(`${one}/v1/assets/${asset.id}/events`, mine)
    expect(answer.status).toBe(404)
  })

  it('tells how far the work is, without an id to come back for', async () => {
    const asset = await accept()
    const stream = await listenTo(`${one}/v1/assets/${asset.id}/events`, mine)
    await house.db
      .updateTable('tasks')
      .set({ status: 'running', progress: 0.5, lease_until: sql`now() + interval '1 hour'` })
      .where('asset_id', '=', asset.id)
      .execute()
    const progress = await vi.waitFor(() => {
      const found = stream.heard.find(({ event }) => event === 'asset.progress')
      if (found === undefined) throw new Error('nothing was said of progress')
      return found
    })
    expect(progress.id).toBeUndefined()
    expect(progress.data).toMatchObject({ type: 'asset.progress', data: { id: asset.id, status: 'queued' } })
    expect(progress.data.data['progress']).toBeGreaterThan(0)
  })
})

describe('streams', () => {
  it('bear a comment when all is quiet, end when the process stops, and with the key that opened them', async () => {
    const { url, app } = await apiOf(house, { quietMs: 100, askAgainMs: 100 })
    const secret = await keyFor('acme', ['assets'])
    const [stays, revoked] = [
      await listenTo(`${url}/v1/events`, mine),
      await listenTo(`${url}/v1/events`, bearer(secret)),
    ]
    await vi.waitFor(() => expect(stays.comments.length).toBeGreaterThan(2))
    const keys = await house.db.selectFrom('api_keys').select('id').orderBy('id', 'desc').execute()
    await revokeKey(house.db, keys[0]?.id ?? '')
    expect(await revoked.over).toBeUndefined()
    const before = stays.comments.length
    await vi.waitFor(() => expect(stays.comments.length).toBeGreaterThan(before))
    // Browsers open connections ahead of need.
    const silent = connect(Number(new URL(url).port), '127.0.0.1')
    await once(silent, 'connect')
    await app.close()
    expect(await stays.over).toBeUndefined()
  })

  it('are so many for one caller, and no more', async () => {
    const { url } = await apiOf(house, { ofOneCaller: 2 })
    const open = [await listenTo(`${url}/v1/events`, mine), await listenTo(`${url}/v1/events`, mine)]
    const { answer } = await listenTo(`${url}/v1/events`, mine)
    expect(answer.status).toBe(429)
    expect(await answer.json()).toMatchObject({ code: 'too_many_streams' })
    const neighbour = bearer(await keyFor('acme', ['assets']))
    expect((await listenTo(`${url}/v1/events`, neighbour)).answer.status).toBe(200)
    open[0]?.hangUp()
    await vi.waitFor(async () => expect((await listenTo(`${url}/v1/events`, mine)).answer.status).toBe(200))
  })

  it('of readers who do not read are cut off', async () => {
    const { url, app } = await apiOf(house, { patienceMs: 200 })
    const deaf = request(`${url}/v1/events`, { headers: mine }).end()
    atEnd(async () => deaf.destroy())
    await once(deaf, 'response')
    const connections = () => new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)))
    expect(await connections()).toBe(1)
    const asset = await accept()
    // Larger than any may be, so that what a socket keeps is full soon.
    const metadata = JSON.stringify(
      Object.fromEntries(Array.from({ length: 80 }, (_, n) => [`m${n}`, 'x'.repeat(1_900)])),
    )
    await house.db.updateTable('assets').set({ metadata }).where('id', '=', asset.id).execute()
    await vi.waitFor(async () => {
      await house.db.transaction().execute(async (trx) => {
        for (let n = 0; n < 50; n++) await insertEvent(trx, { asset, type: 'asset.uploaded' })
      })
      expect(await connections()).toBe(0)
    })
  })
})
