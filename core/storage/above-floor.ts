import { type Floor, refuseBelow } from './disk-floor.ts'
import type { LocalStorage } from './local.ts'
import type { PutOptions } from './storage.ts'

type Options = { dir: string; floor: Floor; everyMs?: number }

/**
 * A local store that takes no stranger's bytes once its disk is low, and stops those on their way in time. What is put
 * from memory is ours and small, and is what finishes work and frees room: it goes on for as long as the disk takes it.
 */
export function aboveFloor(storage: LocalStorage, { dir, floor, everyMs = 250 }: Options): LocalStorage {
  const needRoom = () => refuseBelow(floor, { folder: dir })
  const watched = async <Result>(
    signal: AbortSignal | undefined,
    write: (signal: AbortSignal) => Promise<Result>,
    { known = false } = {},
  ): Promise<Result> => {
    const low = new AbortController()
    const look = () => needRoom().catch((reason) => low.abort(reason))
    const watch = setInterval(look, everyMs)
    if (!known) look()
    try {
      return await write(signal ? AbortSignal.any([signal, low.signal]) : low.signal)
    } finally {
      clearInterval(watch)
    }
  }
  const above = async <Result>(options: PutOptions, write: (options: PutOptions) => Promise<Result>) => {
    await needRoom()
    return watched(options.signal, (signal) => write({ ...options, signal }), { known: true })
  }
  return {
    ...storage,
    needRoom,
    put: (key, body, options) =>
      Buffer.isBuffer(body)
        ? storage.put(key, body, options)
        : above(options, (watchedOptions) => storage.put(key, body, watchedOptions)).finally(() => body.destroy()),
    join: (keys, to, options) => above(options, (watchedOptions) => storage.join(keys, to, watchedOptions)),
    growing: {
      ...storage.growing,
      // Taken in at once, for a body may flow already; a caller that wants none of it taken asks for room before.
      append: (growth, body, options = {}) =>
        watched(options.signal, (signal) => storage.growing.append(growth, body, { ...options, signal })),
    },
  }
}
