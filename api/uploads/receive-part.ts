import { putPart } from '../../core/db/upload-pieces.ts'
import { sizeOfPart, tooMuch } from './part-addresses.ts'
import { etagOf, type Incoming, receivePiece } from './receive-piece.ts'
import { uploadOver } from './the-upload.ts'

/** Takes one part as a store would: of two with one number the later counts. Gives back its tag. */
export async function receivePart(part: Omit<Incoming, 'size'>): Promise<string> {
  const { house, upload, number } = part
  const { bytes } = sizeOfPart(upload, number)
  const size = bytes === undefined ? { bytes: upload.bytes, exact: false } : { bytes, exact: true }
  let before: string | undefined
  const got = await receivePiece({ ...part, size }, async (row) => {
    const put = await putPart(house.db, row, { ttlSeconds: house.config.UPLOAD_TTL })
    if (put.end === 'ended') throw uploadOver(upload.id)
    if (put.end === 'too much') throw tooMuch(upload, put.sum)
    before = put.before
    return true
  })
  if (before !== undefined)
    await house.storage.delete([before]).catch((err) => house.log.warn({ err }, 'a replaced part was left behind'))
  return etagOf(got.sha256)
}
