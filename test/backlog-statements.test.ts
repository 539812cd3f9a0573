import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { componentCheck } from '../api/components.ts'
import { houseGauges } from '../api/metrics/house-gauges.ts'
import { houseLook } from '../api/metrics/house-look.ts'
import { acceptAsset, type NewSource } from '../core/accept.ts'
import { viewAssets } from '../core/db/asset-views.ts'
import { type AssetFilter, listAssets } from '../core/db/assets.ts'
import { headOf, listDeliveries, redeliver } from '../core/db/deliveries.ts'
import { claimLanes, dueEndpoints } from '../core/db/delivery-lanes.ts'
import { noteBad } from '../core/db/endpoint-health.ts'
import { eventsAfter, lastEventUpTo, positionOf } from '../core/db/event-log.ts'
import { assetOfTask, firstPieceWaits } from '../core/db/first-pieces.ts'
import { forgetOldEvents } from '../core/db/forget-events.ts'
import { forgetDeletedWebhooks } from '../core/db/forget-webhooks.ts'
import { countQueues, lastCounts } from '../core/db/queue-counts.ts'
import { settleDelivery } from '../core/db/settle-delivery.ts'
import { takeUpEvents } from '../core/db/take-up-events.ts'
import { claimTask } from '../core/db/task-run.ts'
import { markPushed, reminderColumns, toReminder } from '../core/db/tasks.ts'
import { insertUpload } from '../core/db/uploads.ts'
import { createWebhook } from '../core/db/webhooks.ts'
import { newId } from '../core/ids.ts'
import { openRegistry } from '../core/metrics/registry.ts'
import { type Explained, explainedDatabase } from '../scripts/bench/backlog/explained.ts'
import { type Change, copyAsset } from '../scripts/bench/backlog/fill.ts'
import { fetchLane } from '../workers/fetch-lane.ts'
import { houseChores } from '../workers/upkeep/chores.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'

/** Of each of seven kinds. */
const many = 2_500
/** What one statement may look at: a batch and a little, never a backlog. */
const most = 1_200

let house: TestHouse
let waiting: string[]
/** The same database, unheard. */
let plain: TestHouse['db']
const heard: Explained[] = []

beforeAll(async () => {
  house = await testHouse({ env: { SOURCE_RETENTION: '1' } })
  const db = explainedDatabase({
    url: house.databaseUrl,
    onError: () => undefined,
    hear: (statement) => heard.push(statement),
  })
  atEnd(() => db.destroy())
  waiting = await fillHouse(house)
  plain = house.db
  house = { ...house, db }
}, 60_000)

/** Assets in every state that many may be in at once, made from ones that the house accepted. */
async function fillHouse(real: TestHouse): Promise<string[]> {
  const ago = `now() - interval '1 hour'`
  const like = async (source: NewSource, change: Change) => {
    const id = newId()
    await acceptAsset(real, { id, tenant: 'default', source }, async (trx) => {
      const row = { id, asset_id: id, tenant: 'default', protocol: 'tus' as const, bytes: 5, max_bytes: 5 }
      if (source.type === 'awaited') await insertUpload(trx, { ...row, ttlSeconds: 3_600 })
    })
    return copyAsset(real.db, { assetId: id, count: many, change })
  }
  const here: NewSource = { type: 'object', object: 'a', version: '1', bytes: 1 }
  const address: NewSource = { type: 'url', url: 'https://example.com/a.mp4' }
  const upload: NewSource = { type: 'awaited', bytes: 5 }
  const sent = { enqueued_at: ago, run_after: ago }
  await like(here, {})
  const made = await like(here, { tasks: sent })
  await like(address, { tasks: sent })
  // Everything behind one origin that is down, before what came later.
  const resting = { run_after: `now() + interval '1 hour'`, resting: 'true', created_at: ago }
  await like(address, { tasks: { ...sent, ...resting } })
  await like(here, { assets: { status: `'ready'` }, tasks: { status: `'done'` } })
  await like(upload, { uploads: { touched_at: ago } })
  await like(upload, { uploads: { status: `'done'` } })
  await fillLanes(real)
  await sql`ANALYZE`.execute(real.db)
  return made
}

/** Every event of every asset waits for one endpoint, which fails. */
async function fillLanes({ db }: TestHouse): Promise<void> {
  const events = ['asset.created']
  await createWebhook(db, { id: deaf, tenant: 'default', url: 'https://example.com/', events })
  await sql`
    INSERT INTO deliveries (id, webhook_id, event_id, asset_id, position, status)
    SELECT id, ${deaf}, id, asset_id, sequence, 'pending' FROM events`.execute(db)
  await sql`
    INSERT INTO delivery_lanes (webhook_id, asset_id, next_at)
    SELECT ${deaf}, id, now() + CASE WHEN random() < 0.5 THEN interval '1 hour' ELSE interval '-1 hour' END FROM assets
  `.execute(db)
}
const [deaf, dead] = [newId(), newId()]

/** Every statement of it looks at few rows, and finds them without reading a table. */
async function expectBounded(act: () => Promise<unknown>, name?: string, written = 0): Promise<void> {
  heard.length = 0
  await act()
  const tooMuch = heard.filter(
    ({ rows, pages, sequential }) =>
      rows > most || pages > 200 + 60 * (rows + written) || sequential.some((table) => large.has(table)),
  )
  expect(tooMuch, name).toEqual([])
}
const large = new Set(['assets', 'tasks', 'events', 'uploads', 'deliveries'])

describe(`with ${7 * many} assets there, most of them waiting, no statement reads more than it has to do with:`, () => {
  it.each([
    'relay',
    'sweep',
    'find-lost',
    'uploads',
    'stuck',
    'tidy',
    'old-sources',
    'old-idempotency-keys',
    'old-events',
  ])('the chore %s', async (name) => {
    const chore = houseChores({ house, sender: house.sender }).find((one) => one.name === name)
    if (chore === undefined) throw new Error(`there is no chore ${name}`)
    await expectBounded(async () => chore.run(), name)
  })

  it('the chore old-events, while all the oldest are held up', async () => {
    const oldest = plain.selectFrom('events').select('id').orderBy('sequence').limit(600)
    const created_at = new Date(Date.now() - 31 * 24 * 3_600_000)
    await plain.updateTable('events').set({ created_at }).where('id', 'in', oldest).execute()
    await expectBounded(() => forgetOldEvents(house.db))
    await plain.updateTable('events').set({ created_at: new Date() }).where('id', 'in', oldest).execute()
  })

  it('the place of a stream that begins, or goes on', async () => {
    await expectBounded(async () => {
      const id = await lastEventUpTo(house.db, { tenant: 'default', position: 1e9 })
      await positionOf(house.db, { id, tenant: 'default' })
    })
  })

  it('the claim of an address, while thousands that would come first rest', async () => {
    const lane = fetchLane(house)
    await expectBounded(async () => {
      expect(await lane.claim()).toBeDefined()
      await lane.comeAgainMs()
    })
  })

  it('the look for somebody for whom a slot is kept', async () => {
    await expectBounded(async () => {
      expect(await firstPieceWaits(house.db, { queue: 'video', besides: [newId()] })).toBeTypeOf('boolean')
      expect(await assetOfTask(house.db, newId())).toBeUndefined()
    })
  })

  it('the claim of a task', async () => {
    const asset = { id: waiting[0] ?? '', generation: 1 }
    const task = house.db.selectFrom('tasks').select('id').where('asset_id', '=', asset.id)
    const { id } = await task.executeTakeFirstOrThrow()
    await expectBounded(() => claimTask(house.db, { taskId: id, worker: 'one', leaseMs: 1_000 }))
  })

  it('events that are taken up', async () => {
    const takeUp = async () => expect(await takeUpEvents(house)).toBe(200)
    await expectBounded(takeUp, 'taken up', 200)
  })

  it('a delivery, from the search for endpoints to what comes of it, and one that is asked for again', async () => {
    await expectBounded(async () => {
      expect((await dueEndpoints(house.db, { after: undefined })).due).toMatchObject([{ id: deaf }])
      const [lane] = await claimLanes(house.db, { webhookId: deaf, limit: 8, leaseMs: 60_000 })
      const head = lane && (await headOf(house.db, lane))
      if (lane === undefined || head === undefined) throw new Error('nothing is due')
      const tried = { at: new Date().toISOString(), ms: 1, status: 500, error: 'The endpoint answered 500' }
      await settleDelivery(house.db, lane, { deliveryId: head.id, tried, to: 'failed' })
      await noteBad(house.db, deaf, { gone: false, disableAfterMs: 1e9, disableAfterFailures: 20 })
      await redeliver(house.db, { id: head.id, tenant: 'default' })
    })
  })

  it('the end of an endpoint that was deleted, and of all that waited for it', async () => {
    await sql`
      INSERT INTO webhooks (id, tenant, url, events, secret, deleted_at, disabled_at)
      VALUES (${dead}, 'default', 'https://example.com/', '{}', '', now(), now())`.execute(plain)
    await sql`
      INSERT INTO deliveries (id, webhook_id, event_id, asset_id, position, status)
      SELECT gen_random_uuid(), ${dead}, id, asset_id, sequence, 'pending' FROM events LIMIT ${many}`.execute(plain)
    await sql`INSERT INTO delivery_lanes SELECT ${dead}, id FROM assets LIMIT ${many}`.execute(plain)
    await expectBounded(async () => expect(await forgetDeletedWebhooks(house.db)).toBe(1), 'forgotten', 500)
  })

  it.each([undefined, 'delivered' as const])('the deliveries of an endpoint that are %s', async (status) => {
    const page = { webhookId: deaf, status, limit: 100, after: newId() }
    await expectBounded(() => listDeliveries(house.db, page))
  })

  it('a page of events after one that was heard long ago', async () => {
    await expectBounded(() => eventsAfter(house.db, { after: 0, upTo: 1e9, tenant: 'default', limit: 100 }))
  })

  const day = 24 * 3_600_000
  const pages: [string, Partial<AssetFilter>][] = [
    ['the first page of the list', {}],
    ['a page from its middle', { after: newId(Date.now() - 60_000) }],
    ['a list of a status that none is in', { status: 'failed' }],
    ['a list of a kind that none has', { kind: 'image' }],
    ['a list of what came before all', { createdBefore: new Date(Date.now() - day) }],
    ['a list of what came after all', { createdAfter: new Date(Date.now() + 2 * day) }],
    ['what an external id stands for', { externalId: 'nobody' }],
  ]
  it.each(pages)('%s', async (_name, filter) => {
    await expectBounded(async () => {
      const page = await listAssets(house.db, { tenant: 'default', limit: 100, ...filter })
      await viewAssets(house.db, house.storage, page)
    })
  })

  it('what a scrape of /metrics looks up, and the counting of all that waits', async () => {
    const gauges = houseGauges(openRegistry())
    const look = houseLook(house, { check: componentCheck(house), gauges })
    await expectBounded(async () => {
      await look()
      await countQueues(house.db)
    })
    // Nothing of the rows is shown where a look failed.
    for (const gauge of [gauges.poisoned, gauges.webhookLag]) expect((await gauge.get()).values).toHaveLength(1)
    // Not by a limit that hides the rest: every one of them was counted.
    const pending = house.db.selectFrom('tasks').where('status', '=', 'pending')
    const { count } = await pending.select((of) => of.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
    const last = await lastCounts(house.db)
    const counted = Object.values(last?.counts ?? {}).reduce((sum, { due, resting }) => sum + due + resting, 0)
    expect(counted).toBe(count)
    expect(count).toBeGreaterThan(3 * many)
  })

  it('one more asset', async () => {
    const source: NewSource = { type: 'url', url: 'https://example.com/a.mp4' }
    await expectBounded(() => acceptAsset(house, { tenant: 'default', source }))
  })

  it('the noting of what was sent, when all came so fast that Postgres still takes the queue for empty', async () => {
    const become = (now: 'pending' | 'cancelled', was: 'pending' | 'cancelled') =>
      plain.updateTable('tasks').set({ status: now }).where('status', '=', was).execute()
    await become('cancelled', 'pending')
    await sql`ANALYZE tasks`.execute(plain)
    await become('pending', 'cancelled')
    const sent = await plain.selectFrom('tasks').select(reminderColumns).orderBy('id').limit(50).execute()
    await expectBounded(() => markPushed(house.db, sent.map(toReminder)), 'noted', sent.length)
  })
})
