import { sql } from 'kysely'
import { insertEvents } from './events.ts'
import type { Database } from './open.ts'
import type { JsonObject } from './schema.ts'
import type { Fence } from './task-run.ts'
import { insertTasks, type Reminder, type Trx } from './tasks.ts'

/** What an address brought: bytes that are safe now. */
export type Fetched = {
  fence: Fence
  result: JsonObject
  tenant: string
  generation: number
  queuePriority: number
  source: { key: string; bytes: number; sha256: string; filename: string | null }
}

/**
 * The ends of many fetches in one transaction, each with the task that comes next: all of them count, or none. Gives back what
 * is to be pushed for all, and whose runs still owned their tasks; of the others nothing was written.
 */
export async function endFetches(
  db: Database,
  fetched: Fetched[],
  /** Comes last, and may refuse all. */
  check: (trx: Trx) => Promise<void>,
): Promise<{ ended: Set<string>; reminders: Reminder[] }> {
  return db.transaction().execute(async (trx) => {
    await lockAssets(trx, fetched)
    const ended = await leaveRunning(trx, fetched)
    const ours = fetched.filter(({ fence }) => ended.has(fence.id))
    if (ours.length === 0) return { ended, reminders: [] }
    await keepSources(trx, ours)
    await insertEvents(
      trx,
      ours.map(({ fence, tenant, source: { bytes } }) => ({
        asset: { id: fence.asset_id, tenant },
        type: 'asset.uploaded',
        payload: { bytes },
      })),
    )
    const reminders = await insertTasks(
      trx,
      ours.map(({ fence, generation, queuePriority }) => ({
        ...{ assetId: fence.asset_id, generation, key: 'inspect', params: {}, queuePriority },
      })),
    )
    await check(trx)
    return { ended, reminders }
  })
}

/** Assets come first in every transaction that ends tasks, and many of them in one order, so that they do not deadlock. */
async function lockAssets(trx: Trx, fetched: Fetched[]): Promise<void> {
  const ids = fetched.map(({ fence }) => fence.asset_id)
  await sql`SELECT id FROM assets WHERE id = ANY (${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE`.execute(trx)
}

async function leaveRunning(trx: Trx, fetched: Fetched[]): Promise<Set<string>> {
  const ids = fetched.map(({ fence }) => fence.id)
  const attempts = fetched.map(({ fence }) => fence.attempt)
  const results = fetched.map(({ result }) => JSON.stringify(result))
  const { rows } = await sql<{ id: string }>`
    UPDATE tasks SET status = 'done', progress = 1, result = run.result, error = NULL, lease_until = NULL, finished_at = now()
    FROM unnest(${ids}::uuid[], ${attempts}::integer[], ${results}::jsonb[]) AS run (id, attempt, result)
    WHERE tasks.id = run.id AND tasks.attempt = run.attempt AND tasks.status = 'running'
    RETURNING tasks.id`.execute(trx)
  return new Set(rows.map(({ id }) => id))
}

async function keepSources(trx: Trx, fetched: Fetched[]): Promise<void> {
  const ids = fetched.map(({ fence }) => fence.asset_id)
  const of = <Key extends keyof Fetched['source']>(key: Key) => fetched.map(({ source }) => source[key])
  await sql`
    UPDATE assets SET source_key = got.key, source_bytes = got.bytes, source_received = got.bytes,
      source_sha256 = got.sha256, source_filename = got.filename, received_at = now(), updated_at = now()
    FROM unnest(${ids}::uuid[], ${of('key')}::text[], ${of('bytes')}::bigint[], ${of('sha256')}::text[],
      ${of('filename')}::text[]) AS got (id, key, bytes, sha256, filename)
    WHERE assets.id = got.id`.execute(trx)
}
