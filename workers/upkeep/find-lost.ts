import type { Database } from '../../core/db/open.ts'
import { markLost, overdueTasks } from '../../core/db/task-recovery.ts'
import { markPushed } from '../../core/db/tasks.ts'
import { faultPoint } from '../../core/fault-point.ts'
import { queueNames } from '../../queues/names.ts'
import type { Sender } from '../../queues/sender.ts'

/**
 * Finds tasks whose job the queue has lost (flushed, truncated, cleaned by hand) and has them sent anew.
 * Looks at a bounded number a turn, in rotation, so a long healthy backlog costs little; where it finds a whole batch lost it goes straight on.
 */
export async function findLost({
  db,
  sender,
  quietMs,
  limit = 100,
}: {
  db: Database
  sender: Sender
  quietMs: number
  limit?: number
}): Promise<number> {
  let found = 0
  for (const queue of queueNames) {
    for (;;) {
      const overdue = await overdueTasks(db, { queue, quietMs, limit })
      const lost = await sender.lost(overdue)
      if (lost.length > 0) faultPoint('lost-found')
      await markLost(db, lost)
      await markPushed(
        db,
        overdue.filter((task) => !lost.includes(task)),
      )
      found += lost.length
      if (lost.length < limit) break
    }
  }
  return found
}
