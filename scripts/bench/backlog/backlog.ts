import { sql } from 'kysely'
import { type AcceptingHouse, acceptAsset, type NewSource } from '../../../core/accept.ts'
import type { Database } from '../../../core/db/open.ts'
import { type Change, copyAsset } from './fill.ts'

/** Where each part of a backlog waits, and how much of it that is. */
const parts: { share: number; source: NewSource; change: Change }[] = [
  // Bytes that came and were not looked at yet.
  { share: 0.6, source: stored(), change: {} },
  // Pieces of films that wait for an encoder.
  {
    share: 0.3,
    source: stored(),
    change: {
      assets: { status: `'processing'`, kind: `'video'`, started_at: 'now()' },
      tasks: { key: `'encode:0'`, queue: `'video'` },
    },
  },
  // Addresses whose origin is down: they rest, and come before whatever is posted later.
  {
    share: 0.1,
    source: { type: 'url', url: 'https://origin.example/a.mp4' },
    change: { tasks: { run_after: `now() + interval '2 hours'`, resting: 'true' } },
  },
]

function stored(): NewSource {
  return { type: 'object', object: 's3://bucket/a.mp4', version: '1', bytes: 1_000_000, filename: 'a.mp4' }
}

/** So many assets that wait, like ones that the house accepted; nothing has been sent to the queue yet. */
export async function fillWaiting(house: AcceptingHouse, count: number): Promise<void> {
  for (const { share, source, change } of parts) {
    const { asset } = await acceptAsset(house, { tenant: 'default', source })
    await copyAsset(house.db, { assetId: asset.id, count: Math.round(count * share), change })
  }
  await sql`ANALYZE`.execute(house.db)
}

/** What months leave behind: assets that are ready, of four finished tasks each. */
export async function fillFinished(house: AcceptingHouse, tasks: number): Promise<void> {
  const { asset } = await acceptAsset(house, { tenant: 'default', source: stored() })
  const keys = ['sound', 'variants', 'publish']
  for (const key of keys)
    await sql`
      INSERT INTO tasks (id, asset_id, generation, key, queue, params, queue_priority, weight, status)
      SELECT gen_random_uuid(), asset_id, generation, ${key}, queue, params, queue_priority, weight, 'pending'
      FROM tasks WHERE asset_id = ${asset.id} AND key = 'inspect'`.execute(house.db)
  const ago = `now() - interval '30 days' + n * interval '1 second'`
  await copyAsset(house.db, {
    assetId: asset.id,
    count: Math.round(tasks / (keys.length + 1)),
    change: {
      assets: { status: `'ready'`, created_at: ago, ready_at: ago },
      tasks: { status: `'done'`, created_at: ago, finished_at: ago, enqueued_at: ago },
      events: { created_at: ago },
    },
  })
  await sql`ANALYZE`.execute(house.db)
}

/** How many tasks the queue has not been told of. */
export async function unsent(db: Database): Promise<number> {
  const waiting = db.selectFrom('tasks').where('status', '=', 'pending').where('enqueued_at', 'is', null)
  return (await waiting.select(db.fn.countAll<number>().as('all')).executeTakeFirstOrThrow()).all
}
