import path from 'node:path'
import { forgetOldEvents } from '../../core/db/forget-events.ts'
import { forgetDeletedWebhooks } from '../../core/db/forget-webhooks.ts'
import { forgetOldKeys } from '../../core/db/idempotency.ts'
import { sweepExpired } from '../../core/db/task-recovery.ts'
import { takeTurn } from '../../core/db/turns.ts'
import type { Sender } from '../../queues/sender.ts'
import { clearDeadScratch } from '../edges/dead-workers.ts'
import type { House } from '../house.ts'
import { findLost } from './find-lost.ts'
import { stuckSearch } from './find-stuck.ts'
import { finishUploads, isStillGrowing } from './finish-uploads.ts'
import { deleteOldChecks } from './old-checks.ts'
import { deleteOldSources } from './old-sources.ts'
import { relay } from './relay.ts'
import { spoolChores } from './spool.ts'
import { tidyAssets } from './tidy-assets.ts'
import type { Chore } from './timetable.ts'
import { tidyUploads } from './uploads.ts'

/** Longer than any upload of one object may take: what is older is nobody's any more. */
const longestPutMs = 24 * 3_600_000

/** Whoever writes to an upload learns within a second or two that it has ended. */
const endedMs = 5_000

/** Far longer than the moment between two transactions of whoever brings an asset further. */
const stuckMs = 10 * 60_000

/** The tasks of one source follow each other faster. Until then what a deletion left on other machines lies there. */
const unusedSourceMs = 3_600_000

/** What every worker does besides its tasks, so that nothing stays stuck: send what was not sent, and find what died. */
export function houseChores({ house, sender }: { house: House; sender: Sender }): Chore[] {
  const { db, log, timings } = house
  const chores: Chore[] = [
    { name: 'relay', everyMs: timings.relayMs, run: () => relay({ db, sender }) },
    {
      name: 'sweep',
      everyMs: timings.sweepMs,
      run: async () => {
        const swept = await sweepExpired(db)
        house.meters.tasks.swept(swept)
        if (swept.recovered.length > 0) log.warn({ tasks: swept.recovered }, 'their worker is gone; they run anew')
        if (swept.poisoned.length > 0)
          log.error({ tasks: swept.poisoned }, 'they killed their workers and were set aside')
      },
    },
    {
      name: 'half-stored',
      everyMs: 10 * 60_000,
      run: async () => {
        const swept = await house.storage.sweep({ olderThanMs: longestPutMs, spare: isStillGrowing(house) })
        const removed = swept + (await deleteOldChecks(house, longestPutMs))
        if (removed > 0) log.warn({ removed }, 'half-stored objects of dead processes removed')
      },
    },
    {
      name: 'uploads',
      everyMs: 5_000,
      run: async () => {
        await finishUploads(house)
        const { expired, takenBack } = await tidyUploads({ db, storage: house.storage, log, quietMs: endedMs })
        if (expired + takenBack > 0) log.info({ expired, takenBack }, 'unfinished uploads are over')
      },
    },
    {
      name: 'unused-sources',
      everyMs: 10 * 60_000,
      run: () => house.sources.dropUnused({ olderThanMs: unusedSourceMs }),
    },
    ...spoolChores({ house, everyMs: timings.sweepMs }),
    {
      name: 'dead-workers',
      everyMs: 60_000,
      run: () => clearDeadScratch({ shared: path.dirname(house.scratchDir), own: house.scratchDir, log }),
    },
    { name: 'stuck', everyMs: 60_000, run: stuckSearch(house, { quietMs: stuckMs }) },
    {
      name: 'tidy',
      everyMs: 60_000,
      run: async () => {
        const { removed } = await tidyAssets(house, { graceMs: house.config.GARBAGE_AFTER * 1_000 })
        if (removed > 0) log.info({ removed }, 'objects that nobody refers to removed')
      },
    },
    ...oldSources(house),
    { name: 'old-idempotency-keys', everyMs: 10 * 60_000, run: () => forgetOldKeys(db) },
    { name: 'old-events', everyMs: 10 * 60_000, run: () => forgetOldEvents(db) },
    { name: 'deleted-webhooks', everyMs: 60_000, run: () => forgetDeletedWebhooks(db) },
    {
      name: 'find-lost',
      everyMs: timings.lostMs,
      run: async () => {
        const found = await findLost({ db, sender, quietMs: timings.quietMs })
        if (found > 0) log.warn({ found }, 'the queue had lost them; they are sent anew')
      },
    },
  ]
  return chores.map((chore) => (alone.has(chore.name) ? inTurn(db, chore) : chore))
}

/** None where sources are kept. */
function oldSources(house: House): Chore[] {
  const { SOURCE_RETENTION: keptSeconds } = house.config
  if (keptSeconds === undefined) return []
  const run = async () => {
    const deleted = await deleteOldSources(house, keptSeconds)
    if (deleted > 0) house.log.info({ deleted }, 'sources deleted, as SOURCE_RETENTION says')
  }
  return [{ name: 'old-sources', everyMs: 60_000, run }]
}

/** One worker at a time does these for all, so that a fleet asks no more than one does. The others it does any number of, side by side. */
const alone = new Set([
  'half-stored',
  'uploads',
  'bring-home',
  'emptied-spool',
  'old-sources',
  'old-idempotency-keys',
  'old-events',
  'deleted-webhooks',
  'find-lost',
])

/** The workers' rounds are not in step: whoever comes a little early is not sent away for a whole one. */
const inTurn = (db: House['db'], { name, everyMs, run }: Chore): Chore => ({
  name,
  everyMs,
  run: async () => {
    if (await takeTurn(db, { chore: name, everyMs: everyMs * 0.8 })) await run()
  },
})
