import type { StorageMeters } from '../metrics/storage-meters.ts'
import type { Tracing } from '../tracing/tracing.ts'
import type { Storage } from './storage.ts'

/** The same store, with each of its calls told to the meters, and as a step of whatever is under way. */
export function metered<Store extends Storage>(
  store: Store,
  { storage: told }: StorageMeters,
  tracing: Tracing,
): Store {
  const call = <Got>(operation: string, run: () => Promise<Got>) =>
    tracing.step(`storage ${operation}`, {}, () => told.call(operation, run))
  const wrote = async <Got>(bytes: (got: Got) => number, writing: Promise<Got>): Promise<Got> => {
    const got = await writing
    told.wrote(bytes(got))
    return got
  }
  const stored = ({ bytes }: { bytes: number }) => bytes
  return {
    ...store,
    put: (key, body, options) => call('put', () => wrote(stored, store.put(key, body, options))),
    get: (key, options) => call('get', () => store.get(key, options)),
    head: (key) => call('head', () => store.head(key)),
    open: (key) => call('open', () => store.open(key)),
    copy: (from, to, options) => call('copy', () => store.copy(from, to, options)),
    join: (keys, to, options) => call('join', () => store.join(keys, to, options)),
    delete: (keys) => call('delete', () => store.delete(keys)),
    deletePrefix: (prefix) => call('delete', () => store.deletePrefix(prefix)),
    growing: {
      ...store.growing,
      append: (growth, body, options) =>
        call('append', async () => {
          const grown = await wrote(
            (now) => Math.max(0, now.growth.bytes - growth.bytes),
            store.growing.append(growth, body, options),
          )
          if (grown.failure !== undefined) told.failed('append', grown.failure)
          return grown
        }),
      seal: (growth, options) => call('seal', () => store.growing.seal(growth, options)),
    },
  }
}
