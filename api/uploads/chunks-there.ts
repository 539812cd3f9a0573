import { pieceNumbers } from '../../core/db/upload-pieces.ts'
import type { ApiHouse } from '../house.ts'
import { atStore } from './at-store.ts'
import type { ChunkUpload } from './the-upload.ts'

/** The indexes of the chunks that have come, in order; part 1 of a direct upload is chunk 0. */
export async function chunksThere(house: Pick<ApiHouse, 'db' | 'storage'>, upload: ChunkUpload): Promise<number[]> {
  if (upload.protocol === 'chunks') return pieceNumbers(house.db, upload.id)
  return (await partsThere(house, upload)).map((partNumber) => partNumber - 1)
}

async function partsThere({ db, storage }: Pick<ApiHouse, 'db' | 'storage'>, upload: ChunkUpload): Promise<number[]> {
  const there = atStore(storage, upload)
  if (there === undefined) return pieceNumbers(db, upload.id)
  if (upload.status === 'done') return []
  const parts = (await there.parts.list(there.open)) ?? []
  return parts.map(({ partNumber }) => partNumber)
}
