import type { JobsOptions } from 'bullmq'
import type { Reminder } from '../core/db/tasks.ts'

/** Each sending of a task has an id of its own, because BullMQ ignores an id that it still remembers. */
export const jobId = (reminder: Pick<Reminder, 'taskId' | 'pushes'>) => `${reminder.taskId}_${reminder.pushes}`

/** One attempt as BullMQ counts them: failures, rests and limits are the row's business. Finished jobs stay a while for operators to see. */
export function jobOptions(reminder: Reminder): JobsOptions {
  return {
    jobId: jobId(reminder),
    priority: reminder.priority,
    delay: reminder.delayMs,
    attempts: 1,
    removeOnComplete: { age: 3_600, count: 1_000 },
    removeOnFail: { age: 7 * 86_400, count: 5_000 },
  }
}
