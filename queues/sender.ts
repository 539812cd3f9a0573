import type { Reminder } from '../core/db/tasks.ts'
import { within } from '../core/within.ts'
import type { QueueConnection, QueueHandle } from './connect.ts'
import { jobId, jobOptions } from './jobs.ts'
import { type QueueName, queueNames } from './names.ts'

/** Sends reminders, and asks what became of them. */
export type Sender = {
  readonly queues: ReadonlyMap<QueueName, QueueHandle>
  /** Throws when the queue does not take them; nothing is lost, since the rows say what was not sent. */
  send(reminders: Reminder[]): Promise<void>
  /** Of tasks long due: those whose job the queue no longer has, has finished, or has given to somebody who never claimed it. */
  lost(reminders: Reminder[]): Promise<Reminder[]>
  close(): Promise<void>
}

/** A send that comes too late arrives all the same; its job ids make that harmless. */
const sendMs = 5_000

/**
 * Up to so many are sent one by one, side by side: on Postgres a bulk makes and drops two temporary tables, which costs as much as
 * a dozen jobs.
 */
const few = 8

/**
 * A pending task whose job is active was taken from the queue and never claimed: whoever took it died in between. One that
 * is due and whose job is still put off was put off by somebody whose clock is wrong.
 */
const gone = new Set(['unknown', 'completed', 'failed', 'active', 'delayed'])

const jobOf = (task: Reminder) => ({ name: task.key, data: { taskId: task.taskId }, opts: jobOptions(task) })

async function addJobs(queue: QueueHandle, jobs: ReturnType<typeof jobOf>[]): Promise<void> {
  if (jobs.length > few) await queue.addBulk(jobs)
  else await Promise.all(jobs.map(({ name, data, opts }) => queue.add(name, data, opts)))
}

export function createSender(connection: QueueConnection): Sender {
  const queues = new Map(queueNames.map((name) => [name, connection.queue(name)]))
  const queueOf = (reminder: Reminder) => {
    const queue = queues.get(reminder.queue)
    if (queue === undefined) throw new Error(`no queue is called ${reminder.queue}`)
    return queue
  }
  return {
    queues,
    async send(reminders) {
      await connection.whenReady()
      const byQueue = [...Map.groupBy(reminders, queueOf)]
      await within(sendMs, Promise.all(byQueue.map(([queue, tasks]) => addJobs(queue, tasks.map(jobOf)))))
    },
    async lost(reminders) {
      await connection.whenReady()
      const asked = reminders.map((task) => queueOf(task).getJobState(jobId(task)))
      const states = await within(sendMs, Promise.all(asked))
      return reminders.filter((_, at) => gone.has(states[at] ?? 'unknown'))
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()))
    },
  }
}
