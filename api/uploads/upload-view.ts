import { chunkCount, usualChunkBytes } from '../../core/chunks.ts'
import { missingRanges } from '../../core/missing-ranges.ts'
import type { ChunkUpload } from './the-upload.ts'

/** Of a direct upload whose parts may be of any size, this is only how we would cut it. */
export const chunkBytesOf = (upload: ChunkUpload): number =>
  upload.chunk_bytes ?? usualChunkBytes({ bytes: upload.bytes, strategy: upload.protocol })

/** An upload as its client sees it; `there` are the indexes of the chunks that have come, in order. */
export function uploadView(upload: ChunkUpload, there: number[]) {
  const chunkBytes = chunkBytesOf(upload)
  const chunks = chunkCount({ bytes: upload.bytes, chunkBytes })
  const done = upload.status === 'done'
  return {
    id: upload.id,
    assetId: upload.id,
    status: upload.status,
    strategy: upload.protocol,
    bytes: upload.bytes,
    receivedBytes: upload.received,
    chunkBytes,
    chunks,
    missing: done ? [] : missingRanges(chunks, there),
    expiresAt: upload.expires_at.toISOString(),
  }
}
