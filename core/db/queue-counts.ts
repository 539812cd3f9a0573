import { sql } from 'kysely'
import { z } from 'zod'
import { type QueueName, queueNames } from '../task-kinds.ts'
import type { Database } from './open.ts'

/** `due` could run now; `resting` waits for its time after a failure. */
export type QueueCount = { due: number; resting: number }
export type QueueCounts = Record<QueueName, QueueCount>

const pageRows = 1_000
const one = z.object({ due: z.number(), resting: z.number() })
const stored = z.partialRecord(z.enum(queueNames), one)

/** The last count that any process made, whoever did, and what it cost. */
export async function lastCounts(db: Database): Promise<{ counts: QueueCounts; tookMs: number } | undefined> {
  const row = await db.selectFrom('queue_counts').select(['counts', 'took_ms']).executeTakeFirst()
  return row && { counts: { ...nothing(), ...stored.parse(row.counts) }, tookMs: row.took_ms }
}

/** Counts all waiting tasks along their index, a page at a time, so that no statement is longer for a longer backlog; and leaves the result for all. */
export async function countQueues(db: Database): Promise<void> {
  const startedAt = performance.now()
  const counts = nothing()
  let after: Place | undefined
  do {
    const page = await countPage(db, after)
    for (const { queue, due, resting } of page.sums) {
      // A queue of another version is counted by that version.
      const name = queueNames.find((known) => known === queue)
      if (name === undefined) continue
      counts[name].due += due
      counts[name].resting += resting
    }
    after = page.next
  } while (after !== undefined)
  const row = { counts: JSON.stringify(counts), took_ms: performance.now() - startedAt, counted_at: sql<Date>`now()` }
  await db
    .insertInto('queue_counts')
    .values(row)
    .onConflict((conflict) => conflict.column('only_row').doUpdateSet(row))
    .execute()
}

type Place = { queue: string; run_after: string; id: string }

async function countPage(db: Database, after: Place = { queue: '', run_after: '-infinity', id: zeroId }) {
  const { rows } = await sql<{ queue: string; due: number; resting: number } & Record<'run_after' | 'id', string>>`
    WITH page AS MATERIALIZED (
      SELECT queue, run_after, id FROM tasks
      WHERE status = 'pending' AND (queue || '', run_after, id) > (${after.queue}, ${after.run_after}::timestamptz, ${after.id}::uuid)
      ORDER BY queue || '', run_after, id LIMIT ${pageRows}
    )
    SELECT queue, count(*) FILTER (WHERE run_after <= now())::float8 AS due,
      count(*) FILTER (WHERE run_after > now())::float8 AS resting,
      max(run_after)::text AS run_after, (array_agg(id ORDER BY run_after DESC, id DESC))[1]::text AS id
    FROM page GROUP BY queue ORDER BY queue`.execute(db)
  const read = rows.reduce((sum, { due, resting }) => sum + due + resting, 0)
  return { sums: rows, next: read === pageRows ? rows.at(-1) : undefined }
}

/** Of each queue, for how many seconds the task has been due that has waited longest; 0 where none is due. */
export async function longestWaits(db: Database): Promise<Map<string, number>> {
  const { rows } = await sql<{ queue: string; seconds: number }>`
    SELECT lane.name AS queue, coalesce(extract(epoch FROM now() - first.run_after), 0)::float8 AS seconds
    FROM unnest(${queueNames}::text[]) AS lane (name)
    LEFT JOIN LATERAL (
      SELECT run_after FROM tasks WHERE status = 'pending' AND queue || '' = lane.name AND run_after <= now()
      ORDER BY run_after LIMIT 1
    ) AS first ON true`.execute(db)
  return new Map(rows.map(({ queue, seconds }) => [queue, seconds]))
}

const zeroId = '00000000-0000-0000-0000-000000000000'

const nothing = (): QueueCounts => {
  const entries = queueNames.map((name) => [name, { due: 0, resting: 0 }])
  return Object.fromEntries(entries) as QueueCounts // one entry for each name
}
