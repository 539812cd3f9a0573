import { bytesArrived, type Cause } from '../../core/accept.ts'
import { endSpoilt } from '../../core/db/asset-endings.ts'
import { dropOtherPieces } from '../../core/db/upload-pieces.ts'
import { endUpload, piecesOf } from '../../core/db/uploads.ts'
import { SluiceError } from '../../core/errors.ts'
import type { OpenParts, PartStore } from '../../core/storage/parts.ts'
import type { ApiHouse } from '../house.ts'
import { atStore } from './at-store.ts'
import { checkParts, type ListedPart } from './check-parts.ts'
import { type ChunkUpload, uploadOver } from './the-upload.ts'

type House = Pick<ApiHouse, 'db' | 'push' | 'storage'>

type Completing = { upload: ChunkUpload; listed: ListedPart[]; cause: Cause | undefined }

/** Ends an upload whose parts went to storage directly, once, by the client's list of them. */
export async function completeDirect(house: House, completing: Completing): Promise<void> {
  const there = atStore(house.storage, completing.upload)
  return there ? completeAtStore(house, { ...completing, ...there }) : completeHere(house, completing)
}

/** The parts are pieces of ours, to be sealed. */
async function completeHere(house: House, { upload, listed, cause }: Completing): Promise<void> {
  const reminders = await house.db.transaction().execute(async (trx) => {
    if ((await endUpload(trx, { id: upload.id, status: 'done' })) === undefined) return []
    const there = await piecesOf(trx, upload.id)
    checkParts(
      upload,
      listed,
      there.map(({ number, ...piece }) => ({ partNumber: number, ...piece })),
    )
    await dropOtherPieces(
      trx,
      upload.id,
      listed.map(({ partNumber }) => partNumber),
    )
    const arrived = await bytesArrived(trx, upload.id, { bytes: upload.bytes, cause })
    if (arrived === undefined) throw uploadOver(upload.id)
    return arrived.reminders
  })
  house.push.push(reminders)
}

type AtStore = Completing & { parts: PartStore; open: OpenParts }

/** Every step may be done again: a process that dies after the store has joined the parts leaves an object, which the next call finds. */
async function completeAtStore(house: House, { upload, listed, cause, parts, open }: AtStore): Promise<void> {
  const there = await parts.list(open)
  if (there !== undefined) {
    checkParts(upload, listed, there)
    await parts.join(open, listed)
  }
  const object = await house.storage.head(open.key)
  if (object === undefined) throw uploadOver(upload.id)
  // What was listed may have been put anew before it was joined.
  if (object.bytes !== upload.bytes) return spoil(house, upload, object.bytes)
  const reminders = await house.db.transaction().execute(async (trx) => {
    if ((await endUpload(trx, { id: upload.id, status: 'done' })) === undefined) return []
    const unchecked = upload.sha256 !== null
    const arrived = await bytesArrived(trx, upload.id, { bytes: object.bytes, key: open.key, unchecked, cause })
    if (arrived === undefined) throw uploadOver(upload.id)
    return arrived.reminders
  })
  house.push.push(reminders)
}

async function spoil(house: House, upload: ChunkUpload, bytes: number): Promise<never> {
  await endSpoilt(house.db, upload.id)
  throw new SluiceError('checksum_mismatch', {
    message: `the store holds ${bytes} bytes of ${upload.id}; ${upload.bytes} were announced`,
    publicMessage: `The object came to ${bytes} bytes; ${upload.bytes} were announced.`,
  })
}
