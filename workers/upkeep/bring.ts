import { flipHome, setsInSpool } from '../../core/db/bring-home.ts'
import { SluiceError } from '../../core/errors.ts'
import { faultPoint } from '../../core/fault-point.ts'
import { type ObjectSet, setPrefix } from '../../core/storage/keys.ts'
import { isSpooling, type SpoolingStorage } from '../../core/storage/spooling.ts'
import type { Handler, TaskRun } from '../house.ts'
import { bringObject } from './bring-object.ts'

const atOnce = 4

/**
 * Brings home what the spool holds of an asset: every object is copied and read back, then readers are sent to the store by
 * one transaction. What another run has brought already is only read. The spooled copy goes later, by a chore.
 */
export const bring: Handler = async (run) => {
  const { asset, house } = run
  const { storage } = house
  if (!isSpooling(storage)) throw new SluiceError('unavailable', { message: 'this worker knows of no spool' })
  const sets = await setsInSpool(house.db, asset.id)
  let bytes = 0
  for (const set of sets) bytes += await bringSet(run, { storage, set })
  return {
    result: { sets: sets.map(({ folder }) => folder), bytes },
    write: async (trx) => {
      await flipHome(trx, asset.id, sets)
      return []
    },
  }
}

type Bringing = { storage: SpoolingStorage; set: ObjectSet }

async function bringSet(run: TaskRun, { storage, set }: Bringing): Promise<number> {
  const { bench } = run
  const objects = await Array.fromAsync(storage.spool.list(setPrefix(set)))
  const failed = new AbortController()
  const signal = AbortSignal.any([bench.signal, failed.signal])
  const toBring = objects.values()
  const lane = async () => {
    for (const object of toBring) {
      signal.throwIfAborted()
      bench.guard()
      await bringObject({ storage, object, signal })
      faultPoint('object-home')
    }
  }
  // When one fails the others stop, and are waited for: nothing is put after the run has ended.
  const lanes = Array.from({ length: atOnce }, () => lane().catch((error: unknown) => failed.abort(error)))
  await Promise.all(lanes)
  failed.signal.throwIfAborted()
  await refuseUnlessWhole({ storage, set }, objects)
  return objects.reduce((sum, object) => sum + object.bytes, 0)
}

/** The store's own list, once more before anybody is sent there: a put that was answered is not yet one that others see. */
async function refuseUnlessWhole({ storage, set }: Bringing, objects: { key: string; bytes: number }[]): Promise<void> {
  const there = new Map<string, number>()
  for await (const { key, bytes } of storage.home.list(setPrefix(set))) there.set(key, bytes)
  const missing = objects.filter(({ key, bytes }) => there.get(key) !== bytes)
  if (missing.length === 0) return
  throw new SluiceError('storage_unavailable', {
    message: `brought home and not there: ${missing
      .slice(0, 10)
      .map(({ key }) => key)
      .join(', ')}`,
  })
}
