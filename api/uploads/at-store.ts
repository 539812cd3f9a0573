import { type OpenParts, type PartStore, parseOpenParts } from '../../core/storage/parts.ts'
import type { Storage } from '../../core/storage/storage.ts'
import type { ChunkUpload } from './the-upload.ts'

/** Where the parts of a direct upload go when a store takes them by itself; undefined where they come to us. It was settled when the upload began. */
export function atStore(storage: Storage, upload: ChunkUpload): { parts: PartStore; open: OpenParts } | undefined {
  if (upload.growth === null) return undefined
  if (storage.parts === undefined) throw new Error(`upload ${upload.id} was begun at a store that takes parts`)
  return { parts: storage.parts, open: parseOpenParts(upload.growth) }
}
