import { sql } from 'kysely'
import { firstPieces, type QueueName } from '../task-kinds.ts'
import type { Database } from './open.ts'
import { ofKnownKind } from './tasks.ts'

/** Whose a task is, for whoever must know before it is claimed. */
export async function assetOfTask(db: Database, taskId: string): Promise<string | undefined> {
  const row = await db.selectFrom('tasks').select('asset_id').where('id', '=', taskId).executeTakeFirst()
  return row?.asset_id
}

/** Whether the first piece of an asset waits for its first run. */
export async function firstPieceWaits(
  db: Database,
  { queue, besides }: { queue: QueueName; besides: readonly string[] },
): Promise<boolean> {
  const row = await db
    .selectFrom('tasks')
    .select('id')
    .where('queue', '=', queue)
    .where('status', '=', 'pending')
    .where('resting', '=', false)
    // Said outright, as the index does.
    .where('queue_priority', 'in', sql<number>`(${sql.raw(firstPieces.join(', '))})`)
    .where('asset_id', '<>', sql<string>`ALL (${besides}::uuid[])`)
    .where('run_after', '<=', sql<Date>`now()`)
    .where(ofKnownKind)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Its reminder is not lost, though nobody works on it: somebody has it, and waits. */
export async function stillSent(db: Database, taskId: string): Promise<void> {
  await db
    .updateTable('tasks')
    .set({ enqueued_at: sql`now()` })
    .where('id', '=', taskId)
    .where('status', '=', 'pending')
    .where('enqueued_at', 'is not', null)
    .execute()
}
