import type { Database } from '../core/db/open.ts'
import { markPushed, type Reminder } from '../core/db/tasks.ts'
import type { Logger } from '../core/logger.ts'
import type { Sender } from './sender.ts'

/** As many as the queue takes within the time that a sending may take. */
const atOnce = 1_000

/**
 * Sends what was just committed, without letting the caller wait for the queue. What does not get through stays for the relay.
 * One sending is under way at a time, and what comes meanwhile goes together in the next: each costs the queue a commit, however many it brings.
 */
export function createPush({ db, sender, log }: { db: Database; sender: Sender; log: Logger }) {
  const waiting: Reminder[] = []
  const hearers = new Set<(sent: readonly Reminder[]) => void>()
  let sending: Promise<void> | undefined
  return {
    push(reminders: Reminder[]): void {
      for (const reminder of reminders) waiting.push(reminder)
      if (waiting.length > 0) sending ??= sendAll()
    },
    /** Tells what has just got to the queue, of this process's own. */
    hear(hearer: (sent: readonly Reminder[]) => void): void {
      hearers.add(hearer)
    },
    /** For an orderly end: nothing is under way any more. */
    async settled(): Promise<void> {
      while (sending !== undefined) await sending
    },
  }

  async function sendAll(): Promise<void> {
    // Whoever is committed in the same moment comes along.
    await Promise.resolve()
    while (waiting.length > 0) {
      const reminders = waiting.splice(0, atOnce)
      try {
        await sender.send(reminders)
        for (const hearer of hearers) hearer(reminders)
        await markPushed(db, reminders)
      } catch (err) {
        log.warn({ err, tasks: reminders.length }, 'the queue took no reminder; the relay will send it')
      }
    }
    sending = undefined
  }
}
export type Push = ReturnType<typeof createPush>
