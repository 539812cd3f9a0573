import { viewAssets } from '../../../core/db/asset-views.ts'
import { listAssets } from '../../../core/db/assets.ts'
import { forgetOldKeys } from '../../../core/db/idempotency.ts'
import type { Database } from '../../../core/db/open.ts'
import { sweepExpired } from '../../../core/db/task-recovery.ts'
import { claimTask, handBack } from '../../../core/db/task-run.ts'
import { createLogger } from '../../../core/logger.ts'
import type { Storage } from '../../../core/storage/storage.ts'
import type { Sender } from '../../../queues/sender.ts'
import { fetchLane } from '../../../workers/fetch-lane.ts'
import { timings } from '../../../workers/house.ts'
import { findLost } from '../../../workers/upkeep/find-lost.ts'
import { finishUploads } from '../../../workers/upkeep/finish-uploads.ts'
import { relay } from '../../../workers/upkeep/relay.ts'
import { tidyUploads } from '../../../workers/upkeep/uploads.ts'
import { median } from '../median.ts'
import { type Explained, explainedDatabase } from './explained.ts'

type Options = { db: Database; databaseUrl: string; sender: Sender; storage: Storage; rounds: number }
export type ChoreCost = { name: string; ms: number; rows: number; pages: number; sequential: string[] }

/** What every worker does again and again, timed; and then once more under EXPLAIN ANALYZE, for what it had to read. */
export async function timeChores({ db, databaseUrl, sender, storage, rounds }: Options): Promise<ChoreCost[]> {
  const heard: Explained[] = []
  const explained = explainedDatabase({ url: databaseUrl, onError: () => undefined, hear: (one) => heard.push(one) })
  const costs: ChoreCost[] = []
  try {
    const plain = choresOn({ db, sender, storage, find: db })
    for (const [name, again] of Object.entries(choresOn({ db: explained, sender, storage, find: db }))) {
      const took: number[] = []
      for (let round = 0; round < rounds; round++) {
        const startedAt = performance.now()
        await plain[name]?.()
        took.push(performance.now() - startedAt)
      }
      heard.length = 0
      await again()
      const sum = (of: (one: Explained) => number) => heard.reduce((all, one) => all + of(one), 0)
      const sequential = [...new Set(heard.flatMap((one) => one.sequential))]
      costs.push({
        name,
        ms: median(took),
        rows: sum(({ rows }) => rows),
        pages: sum(({ pages }) => pages),
        sequential,
      })
    }
  } finally {
    await explained.destroy()
  }
  return costs
}

type Parts = Pick<Options, 'db' | 'sender' | 'storage'> & {
  /** Looks for what is claimed, which is no part of the claim. */ find: Database
}

function choresOn({ db, sender, storage, find }: Parts): Record<string, () => Promise<unknown>> {
  const log = createLogger({ level: 'warn', name: 'bench' })
  const push = { push: () => undefined, hear: () => undefined, settled: async () => undefined }
  const lane = fetchLane({ db, name: 'bench', timings })
  return {
    relay: () => relay({ db, sender }),
    sweep: () => sweepExpired(db),
    'find-lost': () => findLost({ db, sender, quietMs: 0 }),
    uploads: async () => {
      await finishUploads({ db, storage, push, log, timings })
      await tidyUploads({ db, storage, log })
    },
    'old-idempotency-keys': () => forgetOldKeys(db),
    'claim, addresses': () => lane.claim(),
    'claim, by id': () => claimNext(db, find),
    'list by a status that few have': async () => {
      const few = await listAssets(db, { tenant: 'default', status: 'failed', limit: 20 })
      await viewAssets(db, storage, few)
    },
  }
}

/** Takes a task that waits and hands it back. */
async function claimNext(db: Database, find: Database): Promise<void> {
  const waiting = find.selectFrom('tasks').select('id').where('queue', '=', 'video').where('status', '=', 'pending')
  const next = await waiting.where('enqueued_at', 'is not', null).limit(1).executeTakeFirst()
  if (next === undefined) return
  const claimed = await claimTask(db, { taskId: next.id, worker: 'bench', leaseMs: 15_000 })
  if (claimed !== undefined) await handBack(db, claimed.task)
}
