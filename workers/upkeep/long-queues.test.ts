import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimMostUrgent } from '../../core/db/claim-urgent.ts'
import { forgetOldEvents } from '../../core/db/forget-events.ts'
import { takeUpEvents } from '../../core/db/take-up-events.ts'
import { claimTask, settleFailure } from '../../core/db/task-run.ts'
import type { Reminder } from '../../core/db/tasks.ts'
import { takeTurn } from '../../core/db/turns.ts'
import { createWebhook } from '../../core/db/webhooks.ts'
import { SluiceError } from '../../core/errors.ts'
import { newId } from '../../core/ids.ts'
import { decideFailure } from '../../core/task-failure.ts'
import { addTask, readTask, type TestHouse, testHouse, waitingAsset } from '../../test/setup/house.ts'
import { fetchLane } from '../fetch-lane.ts'
import { relay } from './relay.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})
beforeEach(async () => {
  await house.db.deleteFrom('assets').execute()
})

/** Takes everything, and remembers what came together. */
function listeningSender() {
  const batches: Reminder[][] = []
  const sender = { ...house.sender, send: async (reminders: Reminder[]) => void batches.push(reminders) }
  return { sender, batches }
}

describe('the relay', () => {
  it('sends an address at once, however many videos were there before', async () => {
    const { asset, taskId } = await waitingAsset(house)
    await house.db.deleteFrom('tasks').where('id', '=', taskId).execute()
    for (let n = 0; n < 5; n++) await addTask(house, { assetId: asset.id, key: `encode:${n}` })
    const address = await waitingAsset(house)
    const { sender, batches } = listeningSender()
    await relay({ db: house.db, sender, limit: 2 })
    expect(batches[0]?.map((one) => one.taskId)).toContain(address.taskId)
  })

  it('goes on until all is sent, a part at a time', async () => {
    for (let n = 0; n < 5; n++) await waitingAsset(house)
    const { sender, batches } = listeningSender()
    expect(await relay({ db: house.db, sender, limit: 2 })).toBe(5)
    expect(batches.map((batch) => batch.length)).toEqual([2, 2, 1])
  })
})

describe('an address that failed and rests', () => {
  it('is not in the way of the others, and comes first again once its time has come', async () => {
    const resting = await waitingAsset(house)
    const other = await waitingAsset(house)
    const by = { worker: 'one', leaseMs: 5_000, limit: 2 }
    const claimed = await claimTask(house.db, { ...by, taskId: resting.taskId })
    if (claimed === undefined) throw new Error('it should be there')
    const error = new SluiceError('source_too_slow', { message: 'not yet', retryAfterMs: 60_000 })
    const outcome = decideFailure({ error, kind: 'fetch', failures: 0, waitedMs: 0, sameForMs: 0 })
    await settleFailure(house.db, claimed.task, outcome, new Date())
    expect(await readTask(house, resting.taskId)).toMatchObject({ status: 'pending', resting: true })
    expect((await claimMostUrgent(house.db, by)).map(({ task }) => task.id)).toEqual([other.taskId])
    await house.db
      .updateTable('tasks')
      .set({ run_after: new Date(Date.now() - 1_000) })
      .where('id', '=', resting.taskId)
      .execute()
    expect((await claimMostUrgent(house.db, by)).map(({ task }) => task.id)).toEqual([resting.taskId])
    expect(await readTask(house, resting.taskId)).toMatchObject({ status: 'running', resting: false })
  })
})

describe('a reminder that comes while its address is held by whoever notes that it was sent', () => {
  it('comes again at once, for its claim passes by what is held', async () => {
    const { taskId } = await waitingAsset(house)
    const lane = fetchLane(house)
    await house.db.transaction().execute(async (trx) => {
      await trx.updateTable('tasks').set({ enqueued_at: new Date() }).where('id', '=', taskId).execute()
      expect(await lane.claim()).toBeUndefined()
      expect(await lane.comeAgainMs()).toBe(0)
    })
    expect((await lane.claim())?.task.id).toBe(taskId)
    expect(await lane.comeAgainMs()).toBeUndefined()
  })
})

describe('a chore that one does for all', () => {
  it('is begun by one of many who come at the same time, and again when its time has come', async () => {
    const ask = () => takeTurn(house.db, { chore: 'a chore', everyMs: 60_000 })
    const came = await Promise.all(Array.from({ length: 8 }, ask))
    expect(came.filter((mine) => mine)).toHaveLength(1)
    expect(await ask()).toBe(false)
    const before = new Date(Date.now() - 61_000)
    await house.db.updateTable('chores').set({ begun_at: before }).where('name', '=', 'a chore').execute()
    expect((await Promise.all([ask(), ask()])).filter((mine) => mine)).toHaveLength(1)
  })
})

describe('events', () => {
  it('are forgotten after a month, and neither before nor while an endpoint waits for them', async () => {
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)
    const events = ['asset.created']
    const ids = [(await waitingAsset(house)).asset.id, (await waitingAsset(house)).asset.id]
    while ((await takeUpEvents(house)) > 0);
    const { id } = await createWebhook(house.db, {
      id: newId(),
      tenant: 'default',
      url: 'https://example.com/',
      events,
    })
    ids.push((await waitingAsset(house)).asset.id)
    while ((await takeUpEvents(house)) > 0);
    // Nobody has taken this one up yet.
    ids.push((await waitingAsset(house)).asset.id)
    for (const [n, days] of [31, 29, 31, 31].entries())
      await house.db
        .updateTable('events')
        .set({ created_at: daysAgo(days) })
        .where('asset_id', '=', ids[n] ?? '')
        .execute()
    await forgetOldEvents(house.db)
    const left = () =>
      house.db.selectFrom('events').select('asset_id').where('asset_id', 'in', ids).orderBy('sequence').execute()
    expect((await left()).map((event) => event.asset_id)).toEqual(ids.slice(1))
    // One that was disabled all the while is not waited for.
    await house.db.updateTable('webhooks').set({ disabled_at: new Date() }).where('id', '=', id).execute()
    await forgetOldEvents(house.db)
    expect((await left()).map((event) => event.asset_id)).toEqual([ids[1], ids[3]])
  })
})
