import { isDatabaseAway } from '../../core/db/away.ts'
import { endFetches, type Fetched } from '../../core/db/end-fetches.ts'
import type { Database } from '../../core/db/open.ts'
import { checkQuotas, type Quotas } from '../../core/db/quotas.ts'
import { lostBy } from '../../core/db/task-run.ts'
import type { Reminder } from '../../core/db/tasks.ts'
import { SluiceError } from '../../core/errors.ts'
import type { House } from '../house.ts'
import { together } from '../together.ts'

type Ending = { fetched: Fetched; quotas: Quotas }
type Ended = PromiseSettledResult<Reminder[]>

const ends = new WeakMap<Database, (ending: Ending) => Promise<Ended | undefined>>()

/** Writes down what an address brought. In a rush many fetches end at once, and share a transaction. */
export async function endFetch(
  { db, config, storage }: Pick<House, 'db' | 'config' | 'storage'>,
  fetched: Fetched,
): Promise<Reminder[]> {
  const end = ends.get(db) ?? together((all: Ending[]) => endAll(db, all))
  ends.set(db, end)
  const ended = await end({ fetched, quotas: config })
  if (ended?.status === 'fulfilled') return ended.value
  // Of several that were fetched at once into the last room, those that come too late are not kept.
  if (ended?.reason instanceof SluiceError) await storage.delete([fetched.source.key])
  throw ended?.reason
}

async function endAll(db: Database, all: Ending[]): Promise<Ended[]> {
  try {
    return await inOneTransaction(db, all)
  } catch (reason) {
    if (isDatabaseAway(reason)) throw reason
    if (all.length === 1) return [{ status: 'rejected', reason }]
    // What one of them is refused for is no matter of the others.
    return (await Promise.all(all.map((one) => endAll(db, [one])))).flat()
  }
}

async function inOneTransaction(db: Database, all: Ending[]): Promise<Ended[]> {
  const { ended, reminders } = await endFetches(
    db,
    all.map(({ fetched }) => fetched),
    async (trx) => {
      const quotas = new Map(all.map((one) => [one.fetched.tenant, one.quotas]))
      const tenants = [...quotas].sort(([a], [b]) => (a < b ? -1 : 1))
      for (const [tenant, own] of tenants) await checkQuotas(trx, { tenant, quotas: own, newAsset: false })
    },
  )
  return all.map(({ fetched: { fence } }) =>
    ended.has(fence.id)
      ? // Whoever comes first pushes for all.
        { status: 'fulfilled', value: reminders.splice(0) }
      : { status: 'rejected', reason: lostBy(fence) },
  )
}
