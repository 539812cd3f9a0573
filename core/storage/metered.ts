import type { StorageMeters } from '../metrics/storage-meters.ts'
import type { Storage } from './storage.ts'

/** The same store, with each of its calls told to the meters. */
export function metered<Store extends Storage>(store: Store, { storage: told }: StorageMeters): Store {
  const wrote = async <Got>(bytes: (got: Got) => number, writing: Promise<Got>): Promise<Got> => {
    const got = await writing
    told.wrote(bytes(got))
    return got
  }
  const stored = ({ bytes }: { bytes: number }) => bytes
  return {
    ...store,
    put: (key, body, options) => told.call('put', () => wrote(stored, store.put(key, body, options))),
    get: (key, options) => told.call('get', () => store.get(key, options)),
    head: (key) => told.call('head', () => store.head(key)),
    open: (key) => told.call('open', () => store.open(key)),
    copy: (from, to, options) => told.call('copy', () => store.copy(from, to, options)),
    join: (keys, to, options) => told.call('join', () => store.join(keys, to, options)),
    delete: (keys) => told.call('delete', () => store.delete(keys)),
    deletePrefix: (prefix) => told.call('delete', () => store.deletePrefix(prefix)),
    growing: {
      ...store.growing,
      append: (growth, body, options) =>
        told.call('append', async () => {
          const grown = await wrote(
            (now) => Math.max(0, now.growth.bytes - growth.bytes),
            store.growing.append(growth, body, options),
          )
          if (grown.failure !== undefined) told.failed('append', grown.failure)
          return grown
        }),
      seal: (growth, options) => told.call('seal', () => store.growing.seal(growth, options)),
    },
  }
}
