import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { type TestHouse, testHouse, waitingAsset } from '../../test/setup/house.ts'
import { newId } from '../ids.ts'
import { takeUpEvents } from './take-up-events.ts'
import { webhookBacklog } from './webhook-backlog.ts'
import { createWebhook } from './webhooks.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})

const backlog = (most = 1_000) => webhookBacklog(house.db, { most })

describe('what webhooks wait for', () => {
  it('is nothing where nothing waits', async () => {
    expect(await backlog()).toEqual({ lanes: 0, lagSeconds: 0, failing: 0, disabled: 0 })
  })

  it('grows with an event that nobody takes up, though no endpoint knows of it yet', async () => {
    const { asset } = await waitingAsset(house)
    await waitingAsset(house)
    const created_at = new Date(Date.now() - 600_000)
    await house.db.updateTable('events').set({ created_at }).where('asset_id', '=', asset.id).execute()
    expect((await backlog()).lagSeconds).toBeGreaterThan(590)
    while ((await takeUpEvents(house)) > 0);
    expect((await backlog()).lagSeconds).toBe(0)
  })

  it('shows the oldest of many endpoints too', async () => {
    const url = 'https://example.com/'
    const made: string[] = []
    for (let n = 0; n < 5; n++)
      made.push((await createWebhook(house.db, { id: newId(), tenant: 'default', url, events: ['asset.created'] })).id)
    const set = (id: string | undefined, change: object) =>
      house.db
        .updateTable('webhooks')
        .set(change)
        .where('id', '=', id ?? '')
        .execute()
    const lane = (webhook_id = '') => {
      const next_at = sql<Date>`now() - interval '1 hour'`
      return house.db.insertInto('delivery_lanes').values({ webhook_id, asset_id: newId(), next_at }).execute()
    }
    await lane(made[0])
    // What waits for one that is disabled is not late.
    await set(made[0], { disabled_at: new Date() })
    await set(made[1], { failing_since: new Date(), failures: 1 })
    expect(await backlog(2)).toMatchObject({ lanes: 1, lagSeconds: 0, failing: 1, disabled: 1 })
    await lane(made[1])
    expect((await backlog(2)).lagSeconds).toBeGreaterThan(3_590)
  })
})
