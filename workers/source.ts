import type { Readable } from 'node:stream'
import { SluiceError } from '../core/errors.ts'
import { openObject, placeOfObject, versionOf } from '../core/object-source.ts'
import type { ReadOptions } from '../core/storage/storage.ts'
import type { TaskRun } from './house.ts'

/** Where a run finds the bytes that it works on. */
export type Source = {
  /** Where they lie on a disk of this machine. */
  path: string | undefined
  read(options: ReadOptions): Promise<Readable>
  /** Throws when they are not there any more, or not the same. */
  check(): Promise<void>
}

export type SourceRun = Pick<TaskRun, 'asset' | 'bench'> & { house: Pick<TaskRun['house'], 'objects'> }

export async function sourceOf(run: SourceRun): Promise<Source> {
  return run.asset.source_object === null ? storedSource(run) : sourceElsewhere(run, run.asset.source_object)
}

/** For what machines keep of it. Another version of an object elsewhere is another source. */
export function cacheKeyOf(asset: TaskRun['asset']): string {
  return asset.source_object === null ? keyOf(asset) : `${asset.source_object} ${asset.source_version}`
}

function keyOf(asset: TaskRun['asset']): string {
  if (asset.source_key !== null) return asset.source_key
  throw new SluiceError('internal', { message: `asset ${asset.id} has no stored source yet` })
}

/** In our own storage. That it is not there is no fault of the media, but of where this worker looks. */
async function storedSource({ asset, bench: { storage } }: SourceRun): Promise<Source> {
  const key = keyOf(asset)
  const missing = (cause?: unknown) =>
    new SluiceError('storage_unavailable', {
      message: `${key} is not in this worker's storage (${storage.driver}): do all processes share one?`,
      publicMessage: 'The stored source cannot be found.',
      fate: 'retry',
      cause,
    })
  return {
    path: await storage.pathOf(key),
    async read(options) {
      try {
        return await storage.get(key, options)
      } catch (cause) {
        throw cause instanceof SluiceError && cause.code === 'not_found' ? missing(cause) : cause
      }
    },
    async check() {
      if ((await storage.head(key)) === undefined) throw missing()
    },
  }
}

/** Where its owner put it. Read only in the version that was accepted. */
async function sourceElsewhere({ asset, house }: SourceRun, object: string): Promise<Source> {
  const place = await placeOfObject(house.objects, object)
  const open = async () => {
    const found = await openObject(place, object)
    if (versionOf(place, found) === asset.source_version) return found
    await found.close()
    throw changed(object)
  }
  return {
    path: await place.storage.pathOf(place.key),
    async read(options) {
      const body = await (await open()).read(options)
      if (body === undefined) throw changed(object)
      return body
    },
    check: async () => (await open()).close(),
  }
}

const changed = (object: string) =>
  new SluiceError('source_changed', { message: `${object} is not what it was when it was accepted` })
