import type { Readable } from 'node:stream'
import { SluiceError } from '../errors.ts'
import type { Growth } from './growing.ts'
import { homeWatch } from './home-watch.ts'
import { joinObjects } from './join.ts'
import { type ObjectSet, setOfKey } from './keys.ts'
import type { LocalStorage } from './local.ts'
import { mergeListings } from './merge-listings.ts'
import type { S3Storage } from './s3.ts'
import type { Storage } from './storage.ts'

/** Which sets lie in the spool: the same for all processes. */
export type Places = {
  isSpooled(set: ObjectSet): Promise<boolean>
  /** From now on it does. Said before its first object is written. */
  note(set: ObjectSet): Promise<void>
  /** Nothing below this prefix is anywhere any more. */
  forget(prefix: string): Promise<void>
}

/** A store that spools to disk while S3 is away. A set is never mixed: what began in the spool stays there until all of it goes home. */
export type SpoolingStorage = Storage & {
  readonly driver: 's3'
  readonly home: S3Storage
  readonly spool: LocalStorage
  readonly signatureHolds: LocalStorage['signatureHolds']
  /** Whether S3 takes, gives and deletes objects just now. */
  homeAnswers(): Promise<boolean>
}

type Parts = {
  home: S3Storage
  spool: LocalStorage
  places: Places
  /** False: no set is spooled any more, and those that are still go home. */
  spoolsMore: boolean
  watch?: Omit<Parameters<typeof homeWatch>[0], 'check'>
}

export const isSpooling = (storage: Storage): storage is SpoolingStorage => 'homeAnswers' in storage

export function openSpooling({ home, spool, places, spoolsMore, watch: watching }: Parts): SpoolingStorage {
  const watch = homeWatch({ ...watching, check: home.check })
  const placeOf = async (key: string): Promise<Storage> => {
    const set = setOfKey(key)
    return set !== undefined && (await places.isSpooled(set)) ? spool : home
  }
  const settle = async (key: string) => {
    const set = setOfKey(key)
    if (set === undefined || !spoolsMore || (await places.isSpooled(set))) return
    if (!(await watch.answers())) await places.note(set)
  }
  /** Of a source each first object settles where it lies: there is one writer, and what is not named in a row is nobody's. */
  const placeFor = async (key: string) => {
    if (setOfKey(key)?.folder === 'source') await settle(key)
    return placeOf(key)
  }
  const keeperOf = ({ driver }: Growth) => (driver === 's3' ? home : spool)
  const storage: SpoolingStorage = {
    driver: 's3',
    home,
    spool,
    settle,
    homeAnswers: watch.answers,
    async put(key, body, options) {
      return (await destroying(body, placeFor(key))).put(key, body, options)
    },
    // It may go home between being looked for and being read.
    get: async (key, options) => orHome(await placeOf(key), (place) => place.get(key, options)),
    head: async (key) => orHome(await placeOf(key), (place) => place.head(key)),
    open: async (key) => orHome(await placeOf(key), (place) => place.open(key)),
    pathOf: async (key) => (await placeOf(key)).pathOf(key),
    async copy(from, to, options) {
      const [source, target] = [await placeOf(from), await placeFor(to)]
      if (source === target) return source.copy(from, to, options)
      return (await target.put(to, await storage.get(from), options)).bytes
    },
    async join(keys, to, options) {
      const target = await placeFor(to)
      const places = await Promise.all(keys.map(placeOf))
      return places.every((place) => place === target)
        ? target.join(keys, to, options)
        : joinObjects(storage, keys, to, options)
    },
    growing: {
      begin: async (key, options) => (await placeFor(key)).growing.begin(key, options),
      append: (growth, body, options) => keeperOf(growth).growing.append(growth, body, options),
      seal: (growth, options) => keeperOf(growth).growing.seal(growth, options),
      discard: (growth) => keeperOf(growth).growing.discard(growth),
    },
    ...(home.parts ? { parts: home.parts } : {}),
    async *list(prefix) {
      if (setOfKey(prefix) !== undefined) yield* (await placeOf(prefix)).list(prefix)
      else yield* mergeListings(spool.list(prefix), home.list(prefix))
    },
    async delete(keys) {
      const places = await Promise.all(keys.map(placeOf))
      for (const place of [spool, home]) {
        const there = keys.filter((_, at) => places[at] === place)
        if (there.length > 0) await place.delete(there)
      }
    },
    // What went wrong at the store may have left something there too; rows last, so that somebody comes again.
    async deletePrefix(prefix) {
      const deleted = await spool.deletePrefix(prefix)
      const more = await home.deletePrefix(prefix)
      await places.forget(prefix)
      return deleted + more
    },
    async sweep(options) {
      const swept = await spool.sweep(options)
      return swept + (await home.sweep(options))
    },
    signedUrl: (key, options) => spool.signedUrl(key, options),
    signatureHolds: spool.signatureHolds,
    publicUrl: (key) => spool.publicUrl(key),
    needRoom: async () => ((await watch.answers()) ? undefined : spool.needRoom()),
    async check() {
      await spool.check()
      await home.check()
    },
    async close() {
      await home.close()
      await spool.close()
    },
  }
  return storage

  async function orHome<Found>(place: Storage, look: (place: Storage) => Promise<Found>): Promise<Found> {
    if (place === home) return look(home)
    try {
      const found = await look(place)
      if (found !== undefined) return found
    } catch (error) {
      if (!(error instanceof SluiceError && error.code === 'not_found')) throw error
    }
    return look(home)
  }
}

/** Whoever puts has given its body away, also when it never comes to that. */
async function destroying<Result>(body: PutBody, work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (error) {
    if (!Buffer.isBuffer(body)) body.destroy()
    throw error
  }
}

type PutBody = Readable | Buffer
