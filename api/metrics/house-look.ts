import { countQueues, lastCounts, longestWaits } from '../../core/db/queue-counts.ts'
import { spoolBacklog } from '../../core/db/spooled.ts'
import { countPoisoned } from '../../core/db/task-recovery.ts'
import { takeTurn } from '../../core/db/turns.ts'
import { webhookBacklog } from '../../core/db/webhook-backlog.ts'
import { livingWorkers } from '../../core/db/workers.ts'
import { remembered } from '../../core/remembered.ts'
import { within } from '../../core/within.ts'
import { type ComponentCheck, componentNames } from '../components.ts'
import type { ApiHouse } from '../house.ts'
import type { HouseGauges } from './house-gauges.ts'

const everyMs = 2_000
const patienceMs = 2_000
/** A longer count is waited for by nobody; the next look finds what came of it. */
const countMs = 500
const countEveryMs = 10_000
/** Counting may take this share of the time of one connection, however long the backlog is. */
const share = 0.02

type House = Pick<ApiHouse, 'db' | 'log'>

type Shown = { check: ComponentCheck; gauges: HouseGauges }

/** Makes the gauges of the whole house say what is; looked up again after a while, however often they are read. */
export function houseLook(house: House, { check, gauges }: Shown): () => Promise<void> {
  return remembered(everyMs, async () => {
    const [components, rows] = await Promise.all([
      Promise.all(componentNames.map(async (name) => ({ name, ...(await check(name)) }))),
      within(patienceMs, readRows(house)).catch((err) => {
        house.log.warn({ err }, 'the rows could not be measured')
        return undefined
      }),
    ])
    gauges.forget()
    for (const { name, status } of components) gauges.up.set({ component: name }, status === 'up' ? 1 : 0)
    if (rows !== undefined) show(gauges, rows)
  })
}

async function readRows(house: House) {
  await within(countMs, countInTurn(house)).catch((err) => house.log.debug({ err }, 'tasks are still being counted'))
  const { db } = house
  const [counted, waits, poisoned, workers, spool, webhooks] = await Promise.all([
    lastCounts(db),
    longestWaits(db),
    countPoisoned(db),
    livingWorkers(db),
    spoolBacklog(db, { most: 1_000 }),
    webhookBacklog(db, { most: 1_000 }),
  ])
  return { counts: counted?.counts, waits, poisoned, workers, spool, webhooks }
}

/** Of all API processes one counts, no more often than the last count allows. */
async function countInTurn({ db }: House): Promise<void> {
  const tookMs = (await lastCounts(db))?.tookMs ?? 0
  const everyMs = Math.max(countEveryMs, tookMs / share)
  if (await takeTurn(db, { chore: 'count-queues', everyMs })) await countQueues(db)
}

function show(gauges: HouseGauges, rows: Awaited<ReturnType<typeof readRows>>): void {
  for (const [queue, { due, resting }] of Object.entries(rows.counts ?? {})) {
    gauges.waiting.set({ queue }, due)
    gauges.resting.set({ queue }, resting)
  }
  for (const [queue, seconds] of rows.waits) gauges.oldest.set({ queue }, seconds)
  gauges.poisoned.set(rows.poisoned)
  gauges.workers.set(rows.workers.living)
  gauges.lanes.set(rows.webhooks.lanes)
  gauges.webhookLag.set(rows.webhooks.lagSeconds)
  gauges.failing.set(rows.webhooks.failing)
  gauges.disabled.set(rows.webhooks.disabled)
  gauges.spooled.set(rows.spool.sets)
  gauges.spooledAge.set(rows.spool.seconds)
}
