import { expireUploads } from '../../core/db/asset-endings.ts'
import type { Database } from '../../core/db/open.ts'
import { forgetPieces } from '../../core/db/upload-pieces.ts'
import { markTakenBack, piecesOf, type Upload, uploadsToTakeBack } from '../../core/db/uploads.ts'
import type { Logger } from '../../core/logger.ts'
import { parseGrowth } from '../../core/storage/growing.ts'
import { assetPrefix } from '../../core/storage/keys.ts'
import { parseOpenParts } from '../../core/storage/parts.ts'
import type { Storage } from '../../core/storage/storage.ts'

/** `quietMs`: how long ago an upload ended, so that whoever wrote has learnt of it. */
type Upkeep = { db: Database; storage: Storage; log: Logger; quietMs?: number }

const atOnce = 100

/** Ends uploads whose time is over, and takes back whatever storage holds of uploads that came to nothing. */
export async function tidyUploads({
  db,
  storage,
  log,
  quietMs = 0,
}: Upkeep): Promise<{ expired: number; takenBack: number; failed: number }> {
  const expired = await expireUploads(db, { limit: atOnce })
  let [takenBack, failed] = [0, 0]
  for (const upload of await uploadsToTakeBack(db, { quietMs, limit: atOnce })) {
    try {
      await takeBack({ db, storage }, upload)
      takenBack++
    } catch (err) {
      failed++
      log.warn({ err, upload: upload.id }, 'an upload that is over could not be taken back yet')
    }
  }
  return { expired, takenBack, failed }
}

/** The rows last: as long as they are there, somebody comes again. */
async function takeBack({ db, storage }: Pick<Upkeep, 'db' | 'storage'>, upload: Upload): Promise<void> {
  if (upload.protocol === 'direct' && upload.growth !== null) await storage.parts?.abort(parseOpenParts(upload.growth))
  if (upload.protocol !== 'direct' && upload.growth !== null) await storage.growing.discard(parseGrowth(upload.growth))
  const pieces = await piecesOf(db, upload.id)
  await storage.delete(pieces.map((piece) => piece.key))
  // Everything that lies under an asset whose bytes never came in whole.
  await storage.deletePrefix(assetPrefix(upload))
  await forgetPieces(db, upload.id)
  await markTakenBack(db, upload.id)
}
