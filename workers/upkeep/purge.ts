import { forgetPieces } from '../../core/db/upload-pieces.ts'
import { piecesOf } from '../../core/db/uploads.ts'
import { assetPrefix, stagingPrefix } from '../../core/storage/keys.ts'
import type { Handler, TaskRun } from '../house.ts'
import { forgetSource } from '../source-file.ts'

/** Deletes what is of no more use: the pieces of an upload that is one object by now, or all of a deleted asset. */
export const purge: Handler = (run) => (run.task.key === 'purge:pieces' ? purgePieces(run) : purgeAsset(run))

/** Rows last: as long as they are there, another run knows what to delete. */
async function purgePieces({ asset, bench, house }: TaskRun) {
  const pieces = await piecesOf(house.db, asset.id)
  await bench.storage.delete(pieces.map((piece) => piece.key))
  const strays = await bench.storage.deletePrefix(stagingPrefix(asset))
  await forgetPieces(house.db, asset.id)
  return { result: { deleted: pieces.length + strays } }
}

/** Its row stays hidden, so that nothing comes back to life under its id. */
async function purgeAsset({ asset, bench, house }: TaskRun) {
  await forgetSource({ asset, house })
  // Pieces that wait to be joined may lie under the partial uploads that they came in.
  const pieces = await piecesOf(house.db, asset.id)
  await bench.storage.delete(pieces.map((piece) => piece.key))
  const deleted = await bench.storage.deletePrefix(assetPrefix(asset))
  await forgetPieces(house.db, asset.id)
  return { result: { deleted } }
}
