import { askToBringHome } from '../../core/db/bring-home.ts'
import { forgetSet, idleSets, setsBroughtHome } from '../../core/db/spooled.ts'
import { setPrefix } from '../../core/storage/keys.ts'
import { isSpooling } from '../../core/storage/spooling.ts'
import type { House } from '../house.ts'
import type { Chore } from './timetable.ts'

type Spooling = Pick<House, 'db' | 'storage' | 'push' | 'log'>

const assetsAtOnce = 20
const dayMs = 24 * 3_600_000

/** What a worker does for a house that spools to disk while S3 is away; nothing for all others. */
export function spoolChores({ house, everyMs }: { house: Spooling; everyMs: number }): Chore[] {
  if (!isSpooling(house.storage)) return []
  return [
    { name: 'bring-home', everyMs, run: () => bringHome(house) },
    { name: 'emptied-spool', everyMs, run: () => emptySpool(house, { restMs: 10_000, idleMs: dayMs }) },
  ]
}

/** Once S3 answers again, whatever has come to rest goes home. */
export async function bringHome({ db, storage, push, log }: Spooling): Promise<number> {
  if (!isSpooling(storage) || !(await storage.homeAnswers())) return 0
  const reminders = await askToBringHome(db, { limit: assetsAtOnce })
  if (reminders.length > 0) log.info({ assets: reminders.length }, 'S3 answers: what was spooled goes home')
  push.push(reminders)
  return reminders.length
}

/** Deletes spooled copies of what is home, and forgets what never came to anything. Rows last, so that somebody comes again. */
export async function emptySpool({ db, storage }: Spooling, rest: { restMs: number; idleMs: number }): Promise<void> {
  if (!isSpooling(storage)) return
  for (const set of await setsBroughtHome(db, rest)) {
    await storage.spool.deletePrefix(setPrefix(set))
    await forgetSet(db, set)
  }
  for (const set of await idleSets(db, { restMs: rest.idleMs })) {
    const [one] = await Array.fromAsync(storage.spool.list(setPrefix(set)))
    if (one === undefined) await forgetSet(db, set)
  }
}
