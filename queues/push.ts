import type { Database } from '../core/db/open.ts'
import { markPushed, type Reminder } from '../core/db/tasks.ts'
import type { Logger } from '../core/logger.ts'
import type { Sender } from './sender.ts'

/** Sends what was just committed, without letting the caller wait for the queue. What does not get through stays for the relay. */
export function createPush({ db, sender, log }: { db: Database; sender: Sender; log: Logger }) {
  const running = new Set<Promise<void>>()
  return {
    push(reminders: Reminder[]): void {
      if (reminders.length === 0) return
      const one = sendAndMark(reminders)
        .catch((err: Error) =>
          log.warn({ err, tasks: reminders.length }, 'the queue took no reminder; the relay will send it'),
        )
        .finally(() => running.delete(one))
      running.add(one)
    },
    /** For an orderly end: nothing is under way any more. */
    async settled(): Promise<void> {
      await Promise.all(running)
    },
  }
  async function sendAndMark(reminders: Reminder[]): Promise<void> {
    await sender.send(reminders)
    await markPushed(db, reminders)
  }
}
export type Push = ReturnType<typeof createPush>
