import { type Selectable, sql, type Transaction } from 'kysely'
import { newId } from '../ids.ts'
import { kindOf, type QueueName, taskKinds } from '../task-kinds.ts'
import type { Database } from './open.ts'
import type { JsonObject, Tables, TasksTable } from './schema.ts'

export type Task = Selectable<TasksTable>
export type Trx = Transaction<Tables>

export type NewTask = {
  assetId: string
  generation: number
  key: string
  params: JsonObject
  queuePriority: number
  weight?: number
  /** When what it works on dies. */
  neededBy?: Date | null
  /** How long it rests before its first run. */
  afterMs?: number
}

/** What the queue needs to know of a task: the reminder, not the truth. */
export type Reminder = {
  taskId: string
  key: string
  queue: QueueName
  pushes: number
  priority: number
  delayMs: number
}

/** A statement takes 65,535 values at most, and a long film has thousands of pieces. */
const atOnce = 1_000

/**
 * Of a kind that this version has a recipe for. What a newer one wrote waits for workers of its own. Said so that Postgres
 * takes it for granted: did it expect few, it would read a whole backlog for a page of it.
 */
export const ofKnownKind = sql<boolean>`array_position(${Object.keys(taskKinds)}::text[], split_part(tasks.key, ':', 1)) IS NOT NULL`

/** Writes tasks inside the transaction that caused them; one that exists already stays as it is. Push what comes back, after the commit. */
export async function insertTasks(trx: Trx, tasks: NewTask[]): Promise<Reminder[]> {
  const reminders: Reminder[] = []
  for (let from = 0; from < tasks.length; from += atOnce)
    reminders.push(...(await insertSome(trx, tasks.slice(from, from + atOnce))))
  return reminders
}

async function insertSome(trx: Trx, tasks: NewTask[]): Promise<Reminder[]> {
  const rows = await trx
    .insertInto('tasks')
    .values(
      tasks.map((task) => {
        const kind = kindOf(task.key)
        if (kind === undefined) throw new Error(`no kind of task begins "${task.key}"`)
        return {
          id: newId(),
          asset_id: task.assetId,
          generation: task.generation,
          key: task.key,
          queue: taskKinds[kind].queue,
          params: JSON.stringify(task.params),
          queue_priority: task.queuePriority,
          weight: task.weight ?? taskKinds[kind].weight,
          status: 'pending' as const,
          needed_by: task.neededBy ?? null,
          run_after: sql<Date>`now() + ${task.afterMs ?? 0} * interval '1 millisecond'`,
          resting: (task.afterMs ?? 0) > 0,
        }
      }),
    )
    .onConflict((conflict) => conflict.columns(['asset_id', 'generation', 'key']).doNothing())
    .returning(reminderColumns)
    .execute()
  return rows.map(toReminder)
}

export const reminderColumns = [
  'id',
  'key',
  'queue',
  'pushes',
  'queue_priority',
  sql<number>`greatest(0, extract(epoch FROM run_after - now()) * 1000)::float8`.as('delay_ms'),
] as const

type ReminderRow = Pick<Task, 'id' | 'key' | 'queue' | 'pushes' | 'queue_priority'> & { delay_ms: number }

export function toReminder(row: ReminderRow): Reminder {
  return {
    taskId: row.id,
    key: row.key,
    queue: row.queue as QueueName, // written from taskKinds by insertTasks
    pushes: row.pushes,
    priority: row.queue_priority,
    delayMs: Math.ceil(row.delay_ms),
  }
}

/** Remembers that the queue has them. A task that was claimed meanwhile is past caring; one that was handed back waits for a new reminder. */
export async function markPushed(db: Database | Trx, reminders: Reminder[]): Promise<void> {
  if (reminders.length === 0) return
  const sorted = reminders.toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1))
  const ids = sorted.map(({ taskId }) => taskId)
  const pushes = sorted.map((reminder) => reminder.pushes)
  // Each row by its key: in a rush Postgres knows little of how many wait, and would look through all of them.
  const waiting = sql<string>`ARRAY (
    SELECT waiting.id FROM unnest(${ids}::uuid[], ${pushes}::integer[]) AS sent (id, pushes) CROSS JOIN LATERAL (
      SELECT tasks.id FROM tasks
      WHERE tasks.id = sent.id AND tasks.pushes = sent.pushes AND tasks.status = 'pending' FOR UPDATE) AS waiting)`
  await db
    .updateTable('tasks')
    .set({ enqueued_at: sql`now()` })
    .where('id', '=', sql<string>`ANY (${waiting})`)
    .execute()
}

/** A task of a generation once it is done, with what it left behind. */
export async function finishedTask(
  db: Database | Trx,
  { id, generation, key }: { id: string; generation: number; key: string },
): Promise<Pick<Task, 'result'> | undefined> {
  return db
    .selectFrom('tasks')
    .select('result')
    .where('asset_id', '=', id)
    .where('generation', '=', generation)
    .where('key', '=', key)
    .where('status', '=', 'done')
    .executeTakeFirst()
}

export async function tasksOf(db: Database | Trx, asset: { id: string; generation: number }): Promise<Task[]> {
  return db
    .selectFrom('tasks')
    .selectAll()
    .where('asset_id', '=', asset.id)
    .where('generation', '=', asset.generation)
    .orderBy('created_at')
    .orderBy('key')
    .execute()
}
