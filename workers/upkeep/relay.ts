import type { Database } from '../../core/db/open.ts'
import { takeUnsent } from '../../core/db/task-recovery.ts'
import { markPushed } from '../../core/db/tasks.ts'
import { faultPoint } from '../../core/fault-point.ts'
import type { Sender } from '../../queues/sender.ts'

/** Sends what nobody sent: the rows stay locked meanwhile, so several relays share the work and none sends twice. */
export async function relay({
  db,
  sender,
  limit = 500,
}: {
  db: Database
  sender: Sender
  limit?: number
}): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const reminders = await takeUnsent(trx, limit)
    if (reminders.length === 0) return 0
    faultPoint('relay-read')
    await sender.send(reminders)
    faultPoint('relay-sent')
    await markPushed(trx, reminders)
    return reminders.length
  })
}
