import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SluiceError } from '../core/errors.ts'
import type { TaskRun } from './house.ts'

/** Brings the source into the run's own scratch folder, under a name of ours. */
export async function sourceFile({ asset, bench }: Pick<TaskRun, 'asset' | 'bench'>): Promise<string> {
  const file = path.join(bench.scratch, 'source')
  const body = await bench.storage.get(sourceKeyOf(asset), { signal: bench.signal })
  await pipeline(body, createWriteStream(file), { signal: bench.signal })
  return file
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
  const body = await bench.storage.get(sourceKeyOf(asset), { range: { start: 0, end }, signal: bench.signal })
  return Buffer.concat(await body.toArray())
}
