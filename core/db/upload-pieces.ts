import { type Insertable, sql } from 'kysely'
import type { Database } from './open.ts'
import type { UploadPiecesTable } from './schema.ts'
import type { Trx } from './tasks.ts'
import type { Piece } from './uploads.ts'

export type NewPiece = Insertable<UploadPiecesTable>

/** Thrown inside a transaction, to take back what it wrote: the upload has ended meanwhile. */
class Ended extends Error {
  override readonly name = 'Ended'
}

/**
 * Counts a piece that is safe on storage, and lets its upload live on. Of two with one number the first counts: then the
 * other is `there`. `ended`: the upload takes no more.
 */
export async function addPiece(
  db: Database,
  piece: NewPiece,
  { ttlSeconds }: { ttlSeconds: number },
): Promise<'added' | 'there' | 'ended'> {
  try {
    return await db.transaction().execute(async (trx) => {
      const { added, counted } = await insertAndCount(trx, piece, ttlSeconds)
      // An upload that ends holds its row: what was inserted beside it goes again.
      if (added && !counted) throw new Ended()
      return added ? 'added' : 'there'
    })
  } catch (error) {
    if (error instanceof Ended) return 'ended'
    throw error
  }
}

/** One statement, so that the row which all pieces of an upload share is held no longer than it must. */
async function insertAndCount(trx: Trx, piece: NewPiece, ttlSeconds: number) {
  const { rows } = await sql<{ added: boolean; counted: boolean }>`
    WITH piece AS (
      INSERT INTO upload_pieces (upload_id, number, key, bytes, etag)
      VALUES (${piece.upload_id}, ${piece.number}, ${piece.key}, ${piece.bytes}, ${piece.etag})
      ON CONFLICT DO NOTHING
      RETURNING upload_id, bytes
    ), upload AS (
      UPDATE uploads SET
        received = uploads.received + piece.bytes,
        touched_at = now(),
        expires_at = now() + ${ttlSeconds} * interval '1 second'
      FROM piece
      WHERE uploads.id = piece.upload_id AND status = 'open' AND expires_at > now()
      RETURNING uploads.id, asset_id, received
    ), asset AS (
      UPDATE assets SET source_received = upload.received
      FROM upload
      WHERE assets.id = upload.asset_id AND status = 'waiting'
    )
    SELECT EXISTS (SELECT FROM piece) AS added, EXISTS (SELECT FROM upload) AS counted`.execute(trx)
  return rows[0] ?? { added: false, counted: false }
}

export async function findPiece(db: Database, piece: { uploadId: string; number: number }): Promise<Piece | undefined> {
  return db
    .selectFrom('upload_pieces')
    .selectAll()
    .where('upload_id', '=', piece.uploadId)
    .where('number', '=', piece.number)
    .executeTakeFirst()
}

/** The numbers of all pieces that are there, in order. */
export async function pieceNumbers(db: Database | Trx, uploadId: string): Promise<number[]> {
  const rows = await db
    .selectFrom('upload_pieces')
    .select('number')
    .where('upload_id', '=', uploadId)
    .orderBy('number')
    .execute()
  return rows.map(({ number }) => number)
}

export async function forgetPieces(db: Database | Trx, uploadId: string): Promise<void> {
  await db.deleteFrom('upload_pieces').where('upload_id', '=', uploadId).execute()
}

/** What came in whole turned out not to be what was announced: it counts as never having come, and is taken back. */
export async function spoilUpload(trx: Trx, id: string): Promise<void> {
  await trx.updateTable('uploads').set({ status: 'gone' }).where('id', '=', id).where('status', '=', 'done').execute()
}

export type Put = { end: 'counted'; before: string | undefined } | { end: 'too much'; sum: number } | { end: 'ended' }

/** Counts a part that may replace one of the same number; `before` is where that one lies, of use to nobody now. */
export async function putPart(db: Database, part: NewPiece, { ttlSeconds }: { ttlSeconds: number }): Promise<Put> {
  return db.transaction().execute(async (trx) => {
    const upload = await touch(trx, { id: part.upload_id, ttlSeconds })
    if (upload === undefined) return { end: 'ended' }
    const before = await findPiece(trx, { uploadId: part.upload_id, number: part.number })
    const sum = upload.received - (before?.bytes ?? 0) + part.bytes
    if (sum > (upload.bytes ?? 0)) return { end: 'too much', sum }
    await trx
      .insertInto('upload_pieces')
      .values(part)
      .onConflict((conflict) =>
        conflict.columns(['upload_id', 'number']).doUpdateSet({ key: part.key, bytes: part.bytes, etag: part.etag }),
      )
      .execute()
    await trx.updateTable('uploads').set({ received: sum }).where('id', '=', part.upload_id).execute()
    await trx
      .updateTable('assets')
      .set({ source_received: sum })
      .where('id', '=', part.upload_id)
      .where('status', '=', 'waiting')
      .execute()
    return { end: 'counted', before: before?.key }
  })
}

/** A sign of life: lets an upload live on. `false`: it has ended. */
export const touchUpload = async (db: Database, upload: { id: string; ttlSeconds: number }): Promise<boolean> =>
  (await touch(db, upload)) !== undefined

const touch = (db: Database | Trx, { id, ttlSeconds }: { id: string; ttlSeconds: number }) =>
  db
    .updateTable('uploads')
    .set({ touched_at: sql`now()`, expires_at: sql<Date>`now() + ${ttlSeconds} * interval '1 second'` })
    .where('id', '=', id)
    .where('status', '=', 'open')
    .where('expires_at', '>', sql<Date>`now()`)
    .returning(['received', 'bytes'])
    .executeTakeFirst()

/** Parts that came and are not wanted in the end. */
export async function dropOtherPieces(trx: Trx, uploadId: string, wanted: number[]): Promise<void> {
  await trx.deleteFrom('upload_pieces').where('upload_id', '=', uploadId).where('number', 'not in', wanted).execute()
}
