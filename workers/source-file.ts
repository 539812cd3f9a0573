import { createWriteStream } from 'node:fs'
import { symlink } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { PutResult } from '../core/storage/storage.ts'
import { needRoom } from './edges/scratch.ts'
import type { TaskRun } from './house.ts'
import { cacheKeyOf, type SourceRun, sourceOf } from './source.ts'

/**
 * The source as a local file, under a name of ours in the run's own scratch folder. What lies on this machine's disk
 * is read where it lies; what lies elsewhere is fetched once for all tasks of this machine.
 */
export async function sourceFile(run: SourceRun & { house: Pick<TaskRun['house'], 'sources'> }): Promise<string> {
  const { asset, bench, house } = run
  const source = await sourceOf(run)
  const into = path.join(bench.scratch, 'source')
  const lies = source.path
  if (lies === undefined) {
    const bytes = asset.source_bytes ?? 0
    const fetch = async (file: string) => {
      await needRoom({ folder: path.dirname(file), bytes })
      await pipeline(await source.read({ signal: bench.signal }), createWriteStream(file), { signal: bench.signal })
    }
    await house.sources.bring({ key: cacheKeyOf(asset), into, fetch, bytes, signal: bench.signal })
    return into
  }
  await source.check()
  await symlink(lies, into)
  return into
}

/** Up to so many bytes from the front, without fetching the rest. */
export async function sourceHead({ bytes, ...run }: SourceRun & { bytes: number }): Promise<Buffer> {
  const end = Math.min(bytes, run.asset.source_bytes ?? 0) - 1
  if (end < 0) return Buffer.alloc(0)
  const source = await sourceOf(run)
  const body = await source.read({ signal: run.bench.signal, range: { start: 0, end } })
  return Buffer.concat(await body.toArray())
}

/** The source as a stream. */
export async function openSource(run: SourceRun): Promise<Readable> {
  const source = await sourceOf(run)
  return source.read({ signal: run.bench.signal })
}

type Copying = SourceRun & { to: string; contentType: string; cacheControl: string }

/**
 * The bytes as they came, under a key of ours. Not of one disk with what lies elsewhere: there its owner may write on,
 * and what is published never changes.
 */
export async function copySource({
  to,
  contentType,
  cacheControl,
  ...run
}: Copying): Promise<Pick<PutResult, 'bytes'>> {
  const { asset, bench } = run
  const headers = { contentType, cacheControl }
  if (asset.source_key !== null) return { bytes: await bench.storage.copy(asset.source_key, to, headers) }
  return bench.storage.put(to, await openSource(run), { ...headers, signal: bench.signal })
}

/** No task of this asset will ask for its source again. */
export async function forgetSource({
  asset,
  house,
}: Pick<TaskRun, 'asset'> & { house: Pick<TaskRun['house'], 'sources'> }) {
  if (asset.source_key !== null || asset.source_object !== null) await house.sources.forget(cacheKeyOf(asset))
}
