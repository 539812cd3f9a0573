import type { Database } from '../../core/db/open.ts'
import { takeUnsent } from '../../core/db/task-recovery.ts'
import { markPushed } from '../../core/db/tasks.ts'
import { faultPoint } from '../../core/fault-point.ts'
import type { Sender } from '../../queues/sender.ts'

type Relay = {
  db: Database
  sender: Sender
  /** Of each queue, in one round. */
  limit?: number
}

/** Then it comes round again: whoever wants to end waits for no more than this. */
const rounds = 10

/** Sends what nobody sent, and goes straight on while there is more: a queue that lost everything has it again within seconds. */
export async function relay({ limit = 500, ...house }: Relay): Promise<number> {
  let sent = 0
  for (let round = 0; round < rounds; round++) {
    const sentNow = await sendSome({ ...house, limit })
    sent += sentNow
    if (sentNow < limit) break
  }
  return sent
}

/** The rows stay locked meanwhile, so several relays share the work and none sends twice. */
async function sendSome({ db, sender, limit }: Required<Relay>): Promise<number> {
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
