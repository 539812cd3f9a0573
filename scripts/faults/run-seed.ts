import { setTimeout as rest } from 'node:timers/promises'
import { sql } from 'kysely'
import { isDatabaseAway } from '../../core/db/away.ts'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import type { Violation } from './facts.ts'
import { gather } from './gather.ts'
import { openHistory } from './history.ts'
import type { FaultHouse } from './house.ts'
import { inject } from './inject.ts'
import { judge } from './judge.ts'
import { secretOf } from './leaks.ts'
import { leftByWorkers } from './left.ts'
import { sha256Of } from './media.ts'
import { type Fault, nameOf, type Outage, planOutage, planSeed, type SeedPlan } from './plan.ts'
import { type Recovery, recoveries } from './recovery-times.ts'
import { watch } from './watch.ts'
import { send } from './ways.ts'

export type SeedReport = {
  seed: number
  faults: string[]
  sent: number
  acknowledged: number
  ms: number
  recovered: Recovery[]
  violations: Violation[]
  history: string
}

/** When all is mended, clients ask no longer than this. */
const clientsMs = 60_000
/** From the last fault's end until everything that was acknowledged has come to its own. */
const boundMs = 90_000

type Options = { house: FaultHouse; seed: number; outage?: Outage | undefined }

/** One seed: sends, breaks, mends, waits, and holds what is there to what was promised. */
export async function runSeed({ house, seed, outage }: Options): Promise<SeedReport> {
  const began = performance.now()
  const plan = outage ? planOutage(seed, house.means, outage) : planSeed(seed, house.means)
  const file = `${house.folder}/history-${seed}.jsonl`
  const history = openHistory({ file, seed })
  {
    await using _watch = watch({ house, history })
    await Promise.all([load(house, plan, history), breakThings(house, plan, history)])
    await Promise.all([...house.apis, ...house.workers].map((place) => place.ready()))
    await untilOver(house)
  }
  const facts = await gather({ house, plan, history: history.entries })
  const violations = judge(facts)
  const assets = await house.db.selectFrom('assets').select(['id', 'ready_at']).execute()
  const tasks = await house.db.selectFrom('tasks').select(['asset_id', 'started_at', 'finished_at']).execute()
  if (violations.length === 0) await clear(house)
  const faults = plan.faults.map((fault) =>
    isStillAhead(house, fault) ? `${nameOf(fault)} (not passed)` : nameOf(fault),
  )
  await disarm(house)
  return {
    ...{ seed, violations, history: file },
    faults,
    sent: plan.items.length,
    acknowledged: history.entries.filter(({ what }) => what === 'acknowledged').length,
    ms: performance.now() - began,
    recovered: recoveries({ history: history.entries, assets, tasks }),
  }
}

type Under = ReturnType<typeof openHistory>

async function load(house: FaultHouse, plan: SeedPlan, history: Under): Promise<void> {
  const last = Math.max(0, ...plan.faults.map(({ atMs, forMs }) => atMs + forMs))
  const until = AbortSignal.timeout(last + clientsMs)
  const urls = house.apis.map(({ url }) => url)
  await Promise.all(
    plan.items.map((item) => {
      const bytes = house.media.bytes(item.media, item.name)
      const secret = secretOf(item.name)
      const address =
        item.way === 'address' ? house.origin.offer({ name: item.media, bytes, manner: item.manner, secret }) : ''
      return send({ item, bytes, sha256: sha256Of(bytes), urls, secret: house.secret, history, address, until })
    }),
  )
}

async function breakThings(house: FaultHouse, plan: SeedPlan, history: Under): Promise<void> {
  await Promise.all(
    plan.faults.map(async (fault, n) => {
      await rest(fault.atMs)
      history.write({ what: 'fault', fault: nameOf(fault), n })
      const note = await inject(house, fault).catch((error) => `could not: ${error}`)
      history.write({ what: 'lifted', fault: nameOf(fault), n, ...(note ? { note } : {}) })
    }),
  )
}

/** Until nothing is to be done any more, or the time is over: then the checker says what hangs. */
async function untilOver(house: FaultHouse): Promise<void> {
  const until = performance.now() + boundMs
  while (performance.now() < until) {
    if ((await leftByWorkers(house)).length === 0) await hurryLatePurges(house)
    const { rows } = await sql<{ open: boolean }>`SELECT
      EXISTS (SELECT 1 FROM tasks WHERE status IN ('pending', 'running')) OR
      EXISTS (SELECT 1 FROM assets WHERE status IN ('queued', 'processing') AND deleted_at IS NULL) OR
      EXISTS (SELECT 1 FROM uploads WHERE status = 'open' AND received = bytes AND protocol = 'tus') OR
      EXISTS (SELECT 1 FROM uploads WHERE status = 'gone' AND NOT taken_back AND ended_at < now()) AS open`.execute(
      house.db,
    )
    if (rows[0]?.open === false) return
    await rest(100)
  }
}

/** The second purge of what was deleted waits a minute for runs that could not be told to stop. Where nothing runs any more, it need not. */
async function hurryLatePurges({ db }: FaultHouse): Promise<void> {
  await sql`UPDATE tasks SET run_after = now(), enqueued_at = null, pushes = pushes + 1
    WHERE key = 'purge:late' AND status = 'pending' AND run_after > now() + interval '2 s' AND EXISTS (
      SELECT 1 FROM tasks first WHERE first.asset_id = tasks.asset_id AND first.key = 'purge' AND first.status = 'done')`.execute(
    db,
  )
}

const isStillAhead = (house: FaultHouse, fault: Fault) =>
  fault.kind === 'kill point' && (fault.role === 'api' ? house.apis : house.workers)[fault.which]?.special() === true

/** A kill point that nobody came to must not wait for the next seed. */
async function disarm({ apis, workers }: FaultHouse): Promise<void> {
  for (const place of [...apis, ...workers]) {
    if (!place.special()) continue
    await place.restart()
    await place.ready()
  }
}

/** The next seed finds an empty house. What hung stays for whoever looks at it. */
async function clear({ db, storage }: FaultHouse): Promise<void> {
  await waitUntil({ what: 'An empty house', timeoutMs: 30_000, ask: () => truncate(db) })
  const folders = new Set<string>()
  for await (const { key } of storage.list('')) folders.add(key.split('/').slice(0, 1).join('/'))
  for (const folder of folders) await storage.deletePrefix(folder)
  await storage.sweep({ olderThanMs: 0 })
}

/** The house's chores hold their rows in another order: of two that wait for each other Postgres ends one, and that may be this. */
async function truncate(db: FaultHouse['db']): Promise<true | undefined> {
  try {
    const tables = sql`assets, tasks, outputs, tracks, segments, uploads, upload_pieces, events, idempotency`
    await sql`TRUNCATE ${tables} CASCADE`.execute(db)
    return true
  } catch (error) {
    if (!isDatabaseAway(error)) throw error
    return undefined
  }
}
