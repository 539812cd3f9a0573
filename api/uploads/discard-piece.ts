import { findPiece } from '../../core/db/upload-pieces.ts'
import type { ApiHouse } from '../house.ts'

/** Deletes what a request stored and no row counts: a commit whose answer was lost may count it. In doubt it stays, until its upload ends. */
export async function discardPiece(
  house: Pick<ApiHouse, 'db' | 'storage' | 'log'>,
  piece: { uploadId: string; number: number; key: string },
): Promise<void> {
  try {
    const counted = await findPiece(house.db, piece)
    if (counted?.key !== piece.key) await house.storage.delete([piece.key])
  } catch (err) {
    house.log.warn({ err, key: piece.key }, 'a piece that does not count was left behind')
  }
}
