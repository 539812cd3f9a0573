import { bytesArrived, type Cause } from '../accept.ts'
import type { Database } from '../db/open.ts'
import type { Reminder } from '../db/tasks.ts'
import { endUpload, type Upload } from '../db/uploads.ts'
import { faultPoint } from '../fault-point.ts'
import { parseGrowth } from '../storage/growing.ts'
import type { Storage } from '../storage/storage.ts'

/** As much of a house as finishing takes. */
export type FinishingHouse = { db: Database; storage: Storage }

/**
 * All bytes of an upload are safe: they become the source, and the asset's work begins. Done under the upload's lock, and
 * as often as need be, for whoever died half-way is followed by another. Push the reminders. What ended meanwhile stays ended.
 */
export async function finishUpload(
  { db, storage }: FinishingHouse,
  upload: Upload,
  { sha256, cause }: { sha256?: string | undefined; cause?: Cause | undefined } = {},
): Promise<Reminder[]> {
  const sealed = await storage.growing.seal(parseGrowth(upload.growth), { fresh: upload.writer !== null })
  faultPoint('upload-sealed')
  return db.transaction().execute(async (trx) => {
    const ended = await endUpload(trx, { id: upload.id, status: 'done' })
    if (ended === undefined) return []
    const arrived = await bytesArrived(trx, upload.id, { bytes: sealed.bytes, key: sealed.key, sha256, cause })
    // Whatever ends an asset ends its uploads with it.
    if (arrived === undefined) throw new Error(`upload ${upload.id} was open, but its asset waits no more`)
    return arrived.reminders
  })
}
