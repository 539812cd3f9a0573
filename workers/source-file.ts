import { createWriteStream } from 'node:fs'
import { symlink } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SluiceError } from '../core/errors.ts'
import type { ByteRange } from '../core/storage/storage.ts'
import { needRoom } from './edges/scratch.ts'
import type { TaskRun } from './house.ts'

/**
 * The source as a local file, under a name of ours in the run's own scratch folder. What lies on this machine's disk
 * is read where it lies; what lies elsewhere is fetched once for all tasks of this machine.
 */
export async function sourceFile({
  asset,
  bench,
  house,
}: Pick<TaskRun, 'asset' | 'bench'> & { house: Pick<TaskRun['house'], 'sources'> }): Promise<string> {
  const key = sourceKeyOf(asset)
  const into = path.join(bench.scratch, 'source')
  const lies = bench.storage.pathOf(key)
  if (lies === undefined) {
    const bytes = asset.source_bytes ?? 0
    const fetch = async (file: string) => {
      await needRoom({ folder: path.dirname(file), bytes })
      await pipeline(await openSource({ asset, bench }), createWriteStream(file), { signal: bench.signal })
    }
    await house.sources.bring({ key, into, fetch, bytes, signal: bench.signal })
    return into
  }
  if ((await bench.storage.head(key)) === undefined) throw missing({ key, bench })
  await symlink(lies, into)
  return into
}

function missing({ key, bench, cause }: Pick<TaskRun, 'bench'> & { key: string; cause?: unknown }): SluiceError {
  return new SluiceError('storage_unavailable', {
    message: `${key} is not in this worker's storage (${bench.storage.driver}): do all processes share one?`,
    publicMessage: 'The stored source cannot be found.',
    fate: 'retry',
    cause,
  })
}

export function sourceKeyOf(asset: TaskRun['asset']): string {
  if (asset.source_key === null)
    throw new SluiceError('internal', { message: `asset ${asset.id} has no stored source yet` })
  return asset.source_key
}

/** Up to so many bytes from the front, without fetching the rest. */
export async function sourceHead({
  asset,
  bench,
  bytes,
}: Pick<TaskRun, 'asset' | 'bench'> & { bytes: number }): Promise<Buffer> {
  const end = Math.min(bytes, asset.source_bytes ?? 0) - 1
  if (end < 0) return Buffer.alloc(0)
  const body = await openSource({ asset, bench, range: { start: 0, end } })
  return Buffer.concat(await body.toArray())
}

/** The stored source as a stream. That it is not there is no fault of the media, but of where this worker looks. */
export async function openSource({
  asset,
  bench,
  range,
}: Pick<TaskRun, 'asset' | 'bench'> & { range?: ByteRange }): Promise<Readable> {
  const key = sourceKeyOf(asset)
  try {
    return await bench.storage.get(key, { signal: bench.signal, ...(range ? { range } : {}) })
  } catch (cause) {
    if (!(cause instanceof SluiceError && cause.code === 'not_found')) throw cause
    throw missing({ key, bench, cause })
  }
}
