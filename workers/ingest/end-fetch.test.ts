import { buffer } from 'node:stream/consumers'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { acceptAsset } from '../../core/accept.ts'
import { type Claimed, claimTask, LeaseLost } from '../../core/db/task-run.ts'
import { privateObject } from '../../core/storage/keys.ts'
import { readAsset, readTask, type TestHouse, testHouse } from '../../test/setup/house.ts'
import { endFetch } from './end-fetch.ts'

const leaseMs = 15_000

async function begun(house: TestHouse, tenant = 'default'): Promise<Claimed> {
  const source = { type: 'url' as const, url: 'https://example.com/a.jpg' }
  const { reminders } = await acceptAsset(house, { tenant, source })
  const claimed = await claimTask(house.db, { taskId: reminders[0]?.taskId ?? '', worker: 'test', leaseMs })
  if (claimed === undefined) throw new Error('a new task can be claimed')
  return claimed
}

function end(house: TestHouse, { task, asset }: Claimed, bytes: number) {
  const source = { key: `t/${asset.id}/source/a.jpg`, bytes, sha256: 'ab', filename: `${bytes}.jpg` }
  const { generation, queue_priority: queuePriority } = task
  return endFetch(house, {
    ...{ fence: task, result: { bytes }, tenant: asset.tenant, generation, queuePriority, source },
  })
}

test('fetches that end at once share a transaction, and each has what it brought, its event and what comes next', async () => {
  const house = await testHouse()
  const all = await Promise.all(Array.from({ length: 20 }, () => begun(house)))
  const ended = await Promise.all(all.map((one, n) => end(house, one, 100 + n)))
  const { rows } = await sql<{ n: number }>`SELECT count(DISTINCT xmin::text)::int AS n FROM assets`.execute(house.db)
  expect(rows).toEqual([{ n: 2 }])
  const pushed = ended.flat().map(({ taskId }) => taskId)
  expect(new Set(pushed).size).toBe(20)
  for (const [n, { task, asset }] of all.entries()) {
    expect(await readTask(house, task.id)).toMatchObject({
      status: 'done',
      result: { bytes: 100 + n },
      lease_until: null,
    })
    expect(await readAsset(house, asset.id)).toMatchObject({
      ...{ source_key: `t/${asset.id}/source/a.jpg`, source_filename: `${100 + n}.jpg`, source_sha256: 'ab' },
      ...{ source_bytes: 100 + n, source_received: 100 + n, received_at: expect.any(Date) },
    })
    const next = house.db.selectFrom('tasks').select(['id', 'status']).where('asset_id', '=', asset.id)
    const [inspect] = await next.where('key', '=', 'inspect').execute()
    expect([inspect?.status, pushed.includes(inspect?.id ?? '')]).toEqual(['pending', true])
    const events = await house.db
      .selectFrom('events')
      .select('payload')
      .where('asset_id', '=', asset.id)
      .where('type', '=', 'asset.uploaded')
      .execute()
    expect(events).toEqual([{ payload: { bytes: 100 + n } }])
  }
})

test('a run that lost its task meanwhile writes nothing, and takes nothing from the others', async () => {
  const house = await testHouse()
  const all = await Promise.all(Array.from({ length: 4 }, () => begun(house)))
  const [, , lost] = all
  await house.db
    .updateTable('tasks')
    .set({ attempt: 2 })
    .where('id', '=', lost?.task.id ?? '')
    .execute()
  const ends = await Promise.allSettled(all.map((one) => end(house, one, 100)))
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect(ends[2]).toMatchObject({ reason: expect.any(LeaseLost) })
  expect(await readAsset(house, lost?.asset.id ?? '')).toMatchObject({ source_key: null, received_at: null })
  expect(await readTask(house, lost?.task.id ?? '')).toMatchObject({ status: 'running', attempt: 2 })
})

test('what one tenant has no room for is not kept, and what ends with it of others is', async () => {
  const house = await testHouse({ env: { QUOTA_STORED_BYTES: '1000' } })
  const [first, small, large] = [await begun(house, 'a'), await begun(house, 'b'), await begun(house, 'c')]
  const key = `t/${large.asset.id}/source/a.jpg`
  await house.storage.put(key, Buffer.from('too much'), privateObject)
  const ends = await Promise.allSettled([end(house, first, 10), end(house, small, 10), end(house, large, 2_000)])
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  expect(ends[2]).toMatchObject({ reason: { code: 'quota_exceeded' } })
  await expect(house.storage.get(key).then(buffer)).rejects.toMatchObject({ code: 'not_found' })
  expect(await readAsset(house, small.asset.id)).toMatchObject({ source_bytes: 10 })
  expect(await readAsset(house, large.asset.id)).toMatchObject({ source_key: null })
})
