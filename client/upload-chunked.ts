import { blobOf, nameOf } from './file-source.ts'
import type { CallOptions, Http } from './http.ts'
import type { Asset, NewUpload, Upload } from './types.ts'

export type ChunkedOptions = Omit<NewUpload, 'bytes' | 'filename' | 'strategy'> & {
  filename?: string
  /** Chunks that go at once: 4 by default. */
  parallel?: number
  onProgress?: (sent: { bytes: number; total: number }) => void
} & CallOptions

/** Sends a file in chunks, several at once, each with its digest. With an `externalId` it goes on where an earlier call ended. */
export async function uploadInChunks(
  http: Http,
  file: Blob | Uint8Array | string,
  options: ChunkedOptions,
): Promise<Asset> {
  const { parallel = 4, onProgress, signal, idempotencyKey, filename, ...wish } = options
  const blob = await blobOf(file)
  const body = { ...wish, filename: filename ?? nameOf(file) ?? 'file', bytes: blob.size }
  const upload = await http.json<Upload>('/v1/uploads', { method: 'POST', body, signal, idempotencyKey })
  const left = upload.missing.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n))
  const sizeOf = (index: number) => Math.min(upload.chunkBytes, blob.size - index * upload.chunkBytes)
  let bytes = blob.size - left.reduce((sum, index) => sum + sizeOf(index), 0)
  const next = left.values()
  const lane = async () => {
    for (const index of next) {
      const from = index * upload.chunkBytes
      await sendChunk({ http, upload, index, chunk: blob.slice(from, from + upload.chunkBytes), signal })
      bytes += sizeOf(index)
      onProgress?.({ bytes, total: blob.size })
    }
  }
  await Promise.all(Array.from({ length: parallel }, lane))
  return http.json(`/v1/uploads/${upload.id}/complete`, { method: 'POST', signal })
}

type Chunk = { http: Http; upload: Upload; index: number; chunk: Blob; signal: AbortSignal | undefined }

async function sendChunk({ http, upload, index, chunk, signal }: Chunk): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream', ...(await digestOf(chunk)) }
  const path = `/v1/uploads/${upload.id}/chunks/${index}`
  await http.send(path, { method: 'PUT', body: chunk, headers, signal, patient: true })
}

/** Browsers hash on pages of https alone. */
async function digestOf(chunk: Blob): Promise<Record<string, string>> {
  if (globalThis.crypto?.subtle === undefined) return {}
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await chunk.arrayBuffer()))
  return { 'content-digest': `sha-256=:${btoa(String.fromCharCode(...digest))}:` }
}
