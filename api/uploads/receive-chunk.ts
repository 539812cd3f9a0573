import { bytesOfChunk } from '../../core/chunks.ts'
import { addPiece, findPiece } from '../../core/db/upload-pieces.ts'
import { invalid } from '../parse.ts'
import { etagOf, type Incoming, passPiece, receivePiece } from './receive-piece.ts'
import { conflict, uploadOver } from './the-upload.ts'
import { chunkBytesOf } from './upload-view.ts'

/** Takes one chunk, once: it stands as it first came. */
export async function receiveChunk(chunk: Omit<Incoming, 'size'>): Promise<void> {
  const { house, upload, number } = chunk
  const bytes = bytesOfChunk({ bytes: upload.bytes, chunkBytes: chunkBytesOf(upload) }, number)
  if (bytes === undefined) throw invalid([{ path: 'index', message: 'there is no chunk of this number' }])
  const incoming = { ...chunk, size: { bytes, exact: true } }
  const known = () => findPiece(house.db, { uploadId: upload.id, number })
  const there = await known()
  if (there !== undefined) return sameOrConflict(there.etag, etagOf((await passPiece(incoming)).sha256))
  await receivePiece(incoming, async (row) => {
    const added = await addPiece(house.db, row, { ttlSeconds: house.config.UPLOAD_TTL })
    if (added === 'ended') throw uploadOver(upload.id)
    if (added === 'there') sameOrConflict((await known())?.etag, row.etag)
    return added === 'added'
  })
}

function sameOrConflict(there: string | undefined, came: string): void {
  if (there !== came) throw conflict('This chunk has come already, with other bytes.')
}
