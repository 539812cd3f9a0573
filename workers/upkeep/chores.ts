import { sweepExpired } from '../../core/db/task-recovery.ts'
import type { Sender } from '../../queues/sender.ts'
import type { House } from '../house.ts'
import { findLost } from './find-lost.ts'
import { relay } from './relay.ts'
import type { Chore } from './timetable.ts'

/** What every worker does besides its tasks, so that nothing stays stuck: send what was not sent, and find what died. */
export function houseChores({ house, sender }: { house: House; sender: Sender }): Chore[] {
  const { db, log, timings } = house
  return [
    { name: 'relay', everyMs: timings.relayMs, run: () => relay({ db, sender }) },
    {
      name: 'sweep',
      everyMs: timings.sweepMs,
      run: async () => {
        const swept = await sweepExpired(db)
        if (swept.recovered.length > 0) log.warn({ tasks: swept.recovered }, 'their worker is gone; they run anew')
        if (swept.poisoned.length > 0)
          log.error({ tasks: swept.poisoned }, 'they killed their workers and were set aside')
      },
    },
    {
      name: 'find-lost',
      everyMs: timings.lostMs,
      run: async () => {
        const found = await findLost({ db, sender, quietMs: timings.quietMs })
        if (found > 0) log.warn({ found }, 'the queue had lost them; they are sent anew')
      },
    },
  ]
}
