import { bytesArrived, type Cause } from '../../core/accept.ts'
import { chunkCount } from '../../core/chunks.ts'
import { pieceNumbers } from '../../core/db/upload-pieces.ts'
import { endUpload } from '../../core/db/uploads.ts'
import { SluiceError } from '../../core/errors.ts'
import { faultPoint } from '../../core/fault-point.ts'
import { missingRanges } from '../../core/missing-ranges.ts'
import type { ApiHouse } from '../house.ts'
import { type ChunkUpload, uploadOver } from './the-upload.ts'
import { chunkBytesOf } from './upload-view.ts'

/** Ends an upload whose chunks are all there, once: whoever else completes it at the same time finds it done. */
export async function completeChunks(
  house: Pick<ApiHouse, 'db' | 'push'>,
  { upload, cause }: { upload: ChunkUpload; cause: Cause | undefined },
): Promise<void> {
  const reminders = await house.db.transaction().execute(async (trx) => {
    // First, because it holds the row: no chunk comes or goes between the look at them and the commit.
    const ended = await endUpload(trx, { id: upload.id, status: 'done' })
    if (ended === undefined) return []
    const count = chunkCount({ bytes: upload.bytes, chunkBytes: chunkBytesOf(upload) })
    const missing = missingRanges(count, await pieceNumbers(trx, upload.id))
    if (missing.length > 0) throw incomplete(upload, missing)
    const arrived = await bytesArrived(trx, upload.id, { bytes: upload.bytes, cause })
    if (arrived === undefined) throw uploadOver(upload.id)
    return arrived.reminders
  })
  faultPoint('upload-committed')
  house.push.push(reminders)
}

function incomplete(upload: ChunkUpload, missing: [number, number][]): SluiceError {
  const count = missing.reduce((sum, [from, to]) => sum + to - from + 1, 0)
  return new SluiceError('upload_incomplete', {
    message: `upload ${upload.id} lacks ${count} chunks`,
    publicMessage: `${count} ${count === 1 ? 'chunk is' : 'chunks are'} missing.`,
    members: { missing },
  })
}
