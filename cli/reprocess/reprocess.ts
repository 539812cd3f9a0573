import { checkProfile } from '../../core/accept.ts'
import { type Batch, createBatch, findBatch, reopenBatch } from '../../core/db/batches.ts'
import { measuredWork } from '../../core/db/measured-work.ts'
import { type Counted, countSelected } from '../../core/db/select-assets.ts'
import { listenForStop } from '../../core/stop-signal.ts'
import { type Where, wrongUse } from '../options.ts'
import { note } from '../terminal.ts'
import { type CliHouse, withHouse } from '../with-house.ts'
import { type Estimate, estimate } from './estimate.ts'
import { report } from './report.ts'
import type { RunEnd } from './rounds.ts'
import { runBatch } from './run-batch.ts'
import { type Filters, refuseToChoose, selectionOf } from './select.ts'
import { atOnceOf, type BatchWishes, wishesSchema } from './wishes.ts'
import { workersAtWork } from './workers-at-work.ts'

export type ReprocessOptions = Where &
  Filters & {
    limit?: number
    toProfile?: string
    concurrency?: number
    rate?: number
    canary?: number
    maxFailures?: number
    dryRun?: boolean
    resume?: string
    retry?: boolean
  }

const usualWishes = { canary: 0, maxFailures: 10 }

/** Counts, then makes anew what is meant; its exit code. */
export async function reprocess(options: ReprocessOptions): Promise<number> {
  if (options.retry && options.resume === undefined) throw wrongUse('retry', '--retry goes with --resume BATCH')
  if (options.resume !== undefined) refuseToChoose(options)
  // Before anything is connected, for what is piped in may end soon.
  const selection = await selectionOf(options)
  const stopping = listenForStop()
  const out = report({ json: options.json === true, data: options.data })
  try {
    return await withHouse(options, async (house) => {
      checkProfile(options.toProfile, house.config.profiles)
      if (options.resume !== undefined) return resume({ house, options, out, stop: stopping.stop })
      const counted = await countSelected(house.db, selection, options.limit)
      const wishes = { ...usualWishes, ...wishesOf(options) }
      const named = options.limit === undefined ? selection.ids?.length : undefined
      const expected = await estimateFor(house, counted, wishes)
      out.counted({ counted, estimate: expected, dryRun: options.dryRun === true, named })
      if (options.dryRun || total(counted) === 0) return 0
      const mixed = wishes.canary > 0
      const batch = await createBatch(house.db, { selection, limit: options.limit, mixed, wishes })
      out.begun(batch.id)
      return run({ house, batch, wishes, out, stop: stopping.stop })
    })
  } finally {
    out.close()
    stopping.release()
  }
}

const total = (counted: Counted[]) => counted.reduce((sum, { assets }) => sum + assets, 0)

/** What was said, and no more: what was not is as usual, or as it was when the batch was begun. */
function wishesOf({ toProfile, concurrency, rate, canary, maxFailures }: ReprocessOptions): Partial<BatchWishes> {
  return {
    ...(toProfile !== undefined && { profile: toProfile }),
    ...(concurrency !== undefined && { concurrency }),
    ...(rate !== undefined && { perMinute: rate }),
    ...(canary !== undefined && { canary }),
    ...(maxFailures !== undefined && { maxFailures }),
  }
}

async function estimateFor({ db }: CliHouse, counted: Counted[], wishes: BatchWishes): Promise<Estimate> {
  const atOnce = atOnceOf(wishes, await workersAtWork(db))
  return estimate({ counted, measured: await measuredWork(db), atOnce, perMinute: wishes.perMinute })
}

type Out = ReturnType<typeof report>

async function resume({
  house,
  options,
  out,
  stop,
}: {
  house: CliHouse
  options: ReprocessOptions
  out: Out
  stop: AbortSignal
}) {
  const id = options.resume ?? ''
  const unknown = new Error(`there is no batch ${id}; see: sluice status`)
  if (options.dryRun) {
    if ((await findBatch(house.db, id)) === undefined) throw unknown
    await out.left(house.db, { id, retry: options.retry === true })
    return 0
  }
  const reopened = await reopenBatch(house.db, id, { retry: options.retry === true })
  if (reopened === undefined) throw unknown
  const { batch, retried } = reopened
  if (options.retry) note(`${retried} that failed are tried once more`)
  const wishes = { ...wishesSchema.parse(batch.wishes), ...wishesOf(options) }
  return run({ house, batch, wishes, out, stop })
}

type Running = { house: CliHouse; batch: Batch; wishes: BatchWishes; out: Out; stop: AbortSignal }

async function run({ house, batch, wishes, out, stop }: Running): Promise<number> {
  const { id } = batch
  try {
    const end = await runBatch({ house, id, wishes, stop, onCounts: out.progress, onTrouble: out.trouble })
    await out.ended(house.db, { id, end })
    return exitCode[end]
  } catch (thrown) {
    out.broken(id, thrown)
    throw thrown
  }
}

const exitCode: Record<RunEnd, number> = { done: 0, failing: 1, stopped: 1 }
