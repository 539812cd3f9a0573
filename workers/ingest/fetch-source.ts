import { cacheControlFor, contentTypeFor } from '../../core/storage/content-types.ts'
import type { Storage } from '../../core/storage/storage.ts'
import { download } from '../edges/download.ts'
import type { DownloadLimits } from '../edges/download-limits.ts'
import type { Resolve } from '../edges/resolve.ts'
import type { Workbench } from '../task.ts'

export type FetchedSource = {
  key: string
  bytes: number
  sha256: string
  /** What the origin called it; the bytes decide later. */
  contentType: string | undefined
  filename: string | undefined
  finalUrl: string
}

/** Streams a stranger's file straight into storage, so that the address may die as soon as this returns. Its stored type is ours, not the origin's. */
export async function fetchSource(options: {
  url: string
  /** Where to; the name is known only once the origin answers. */
  key: string | ((filename: string | undefined) => string)
  storage: Storage
  allow: readonly string[]
  resolve?: Resolve
  limits: Partial<DownloadLimits> & { maxBytes: number }
  bench: Pick<Workbench, 'signal' | 'progress' | 'guard'>
}): Promise<FetchedSource> {
  const { url, allow, resolve, limits, storage, bench } = options
  const fetched = await download({
    url,
    allow,
    resolve,
    limits,
    signal: bench.signal,
    onBytes: (received, length) => {
      if (length !== undefined) bench.progress(received / length)
    },
    async into(body, head) {
      const key = typeof options.key === 'string' ? options.key : options.key(head.filename)
      bench.guard()
      const headers = { contentType: contentTypeFor(key), cacheControl: cacheControlFor(key) }
      return storage.put(key, body, { ...headers, maxBytes: limits.maxBytes, signal: bench.signal })
    },
  })
  const { key, bytes, sha256, contentType, filename, finalUrl } = fetched
  return { key, bytes, sha256, contentType, filename, finalUrl }
}
