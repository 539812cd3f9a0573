import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestHouse, testHouse } from '../../test/setup/house.ts'
import { newId } from '../ids.ts'
import { beforeAllEvents, lastEventUpTo, latestPosition, positionOf } from './event-log.ts'
import { insertEvent } from './events.ts'
import { forgetOldEvents } from './forget-events.ts'
import { takeUpEvents } from './take-up-events.ts'
import { createWebhook } from './webhooks.ts'

let house: TestHouse
let tenants = 0
let tenant: string
beforeAll(async () => {
  house = await testHouse()
})
beforeEach(async () => {
  tenant = `tenant-${++tenants}`
  await house.db.deleteFrom('events').execute()
})

/** Events so many days old, taken up; their ids. */
async function happened(...daysAgo: number[]): Promise<string[]> {
  const ids: string[] = []
  for (const days of daysAgo) {
    const assetId = newId()
    await house.db.transaction().execute(async (trx) => {
      await insertEvent(trx, { asset: { id: assetId, tenant }, type: 'asset.created' })
      const created_at = new Date(Date.now() - days * 86_400_000)
      const row = trx.updateTable('events').set({ created_at }).where('asset_id', '=', assetId).returning('id')
      ids.push((await row.executeTakeFirstOrThrow()).id)
    })
  }
  while ((await takeUpEvents(house)) > 0);
  return ids
}

const kept = async () =>
  (await house.db.selectFrom('events').select('id').orderBy('sequence').execute()).map(({ id }) => id)
const goOnAfter = (id: string) => positionOf(house.db, { id, tenant })
const comeBackWith = async () => lastEventUpTo(house.db, { tenant, position: await latestPosition(house.db) })

describe('old events', () => {
  it('are forgotten, however many before them an endpoint still waits for', async () => {
    const url = 'https://example.com/'
    const webhook = await createWebhook(house.db, { id: newId(), tenant, url, events: ['asset.created'] })
    const waitedFor = await happened(33, 33, 33)
    await house.db.updateTable('webhooks').set({ events: [] }).where('id', '=', webhook.id).execute()
    await happened(32, 32, 32, 31)
    const young = await happened(29, 1, 0)
    expect(await forgetOldEvents(house.db, { atOnce: 2, rounds: 50 })).toBe(4)
    expect(await kept()).toEqual([...waitedFor, ...young])
    await house.db.updateTable('webhooks').set({ disabled_at: new Date() }).where('id', '=', webhook.id).execute()
    expect(await forgetOldEvents(house.db, { atOnce: 2, rounds: 50 })).toBe(3)
    expect(await kept()).toEqual(young)
  })

  it('are no reason to send away who heard the last of them, and one for who heard less', async () => {
    const [earlier = '', last = ''] = await happened(32, 31)
    expect(await comeBackWith()).toBe(last)
    await forgetOldEvents(house.db)
    expect(await kept()).toEqual([])
    expect(await comeBackWith()).toBe(last)
    const place = await goOnAfter(last)
    const [next = ''] = await happened(0)
    expect(place).toBeLessThan((await goOnAfter(next)) ?? 0)
    expect(await goOnAfter(last)).toBe(place)
    for (const id of [earlier, beforeAllEvents]) expect(await goOnAfter(id)).toBeUndefined()
    expect(await positionOf(house.db, { id: last, tenant: 'another' })).toBeUndefined()
    expect(await comeBackWith()).toBe(next)
  })

  it('that are kept for an endpoint are none to go on after, where later ones are not kept', async () => {
    const url = 'https://example.com/'
    await createWebhook(house.db, { id: newId(), tenant, url, events: ['asset.created'] })
    const [waitedFor = ''] = await happened(33)
    await house.db.updateTable('webhooks').set({ events: [] }).where('tenant', '=', tenant).execute()
    const [last = ''] = await happened(32)
    await forgetOldEvents(house.db)
    expect(await kept()).toEqual([waitedFor])
    expect(await goOnAfter(waitedFor)).toBeUndefined()
    expect(await comeBackWith()).toBe(last)
  })
})
