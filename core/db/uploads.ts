import { type Insertable, type Selectable, sql } from 'kysely'
import type { Database } from './open.ts'
import type { UploadPiecesTable, UploadsTable } from './schema.ts'
import type { Trx } from './tasks.ts'

export type Upload = Selectable<UploadsTable>

export type NewUpload = Omit<Insertable<UploadsTable>, 'expires_at' | 'status' | 'received' | 'writer'> & {
  /** How long it is kept after its last byte. */
  ttlSeconds: number
}

const expiry = (ttlSeconds: number) => sql<Date>`now() + ${ttlSeconds} * interval '1 second'`

export async function insertUpload(trx: Trx, { ttlSeconds, ...upload }: NewUpload): Promise<Upload> {
  return trx
    .insertInto('uploads')
    .values({ ...upload, expires_at: expiry(ttlSeconds) })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/**
 * An upload that its tenant may see, however it ended. One whose time is over counts as gone before anybody has cleaned
 * up, and so does one whose asset was deleted or cancelled since.
 */
export async function findUpload(
  db: Database | Trx,
  { id, tenant }: { id: string; tenant: string },
): Promise<Upload | undefined> {
  const status = sql<Upload['status']>`CASE
    WHEN uploads.status = 'open' AND uploads.expires_at < now() THEN 'gone'
    WHEN assets.deleted_at IS NOT NULL OR assets.status = 'cancelled' THEN 'gone'
    ELSE uploads.status END`
  return db
    .selectFrom('uploads')
    .leftJoin('assets', 'assets.id', 'uploads.asset_id')
    .selectAll('uploads')
    .select(status.as('status'))
    .where('uploads.id', '=', id)
    .where('uploads.tenant', '=', tenant)
    .executeTakeFirst()
}

/** Whose an upload is, for whoever comes with a signature of ours in place of a key. */
export async function tenantOfUpload(db: Database, id: string): Promise<string | undefined> {
  return (await db.selectFrom('uploads').select('tenant').where('id', '=', id).executeTakeFirst())?.tenant
}

/**
 * Makes `writer` the one that may write; asked under the upload's lock. `clean` says whether the one before said goodbye:
 * one that did not may still be writing, or wake up.
 */
export async function beginWriting(
  db: Database,
  upload: { id: string; writer: string },
): Promise<{ upload: Upload; clean: boolean } | undefined> {
  const before = await db.selectFrom('uploads').select('writer').where('id', '=', upload.id).executeTakeFirst()
  const row = await db
    .updateTable('uploads')
    .set({ writer: upload.writer })
    .where('id', '=', upload.id)
    .where('status', '=', 'open')
    .where('expires_at', '>', sql<Date>`now()`)
    .returningAll()
    .executeTakeFirst()
  return row && { upload: row, clean: before?.writer === null }
}

export type Progress = { id: string; writer: string; received: number; growth: unknown; ttlSeconds: number }

/** Writes down what is safe by now, and lets it live on. `false`: another writes, or the upload has ended, and what came counts no more. */
export async function saveProgress(
  db: Database | Trx,
  progress: Progress,
  { leave = false }: { leave?: boolean } = {},
): Promise<boolean> {
  const row = await db
    .with('upload', (cte) =>
      cte
        .updateTable('uploads')
        .set({
          received: progress.received,
          growth: JSON.stringify(progress.growth),
          touched_at: sql`now()`,
          expires_at: expiry(progress.ttlSeconds),
          ...(leave ? { writer: null } : {}),
        })
        .where('id', '=', progress.id)
        .where('writer', '=', progress.writer)
        .where('status', '=', 'open')
        .returning(['id', 'asset_id', 'received']),
    )
    .with('asset', (cte) =>
      cte
        .updateTable('assets')
        .from('upload')
        .set({ source_received: (eb) => eb.ref('upload.received') })
        .whereRef('assets.id', '=', 'upload.asset_id')
        .where('status', '=', 'waiting')
        .returning('assets.id'),
    )
    .selectFrom('upload')
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}

/** The client now knows how many bytes there will be. */
export async function declareBytes(db: Database, upload: { id: string; bytes: number }): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('uploads')
    .set({ bytes: upload.bytes })
    .where('id', '=', upload.id)
    .where('status', '=', 'open')
    .where('bytes', 'is', null)
    .where('received', '<=', upload.bytes)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Ends an upload once. `undefined`: it had ended already. */
export async function endUpload(
  trx: Trx,
  { id, status }: { id: string; status: 'done' | 'gone' },
): Promise<Upload | undefined> {
  return trx
    .updateTable('uploads')
    .set({ status, ended_at: sql`now()`, ...(status === 'done' ? { received: sql<number>`bytes` } : {}) })
    .where('id', '=', id)
    .where('status', '=', 'open')
    .returningAll()
    .executeTakeFirst()
}

/** Comes first in every transaction that ends an asset: bytes that arrive hold their upload's row, and then their asset's. */
export async function holdUploadsOf(trx: Trx, assetId: string): Promise<void> {
  await trx.selectFrom('uploads').select('id').where('asset_id', '=', assetId).orderBy('id').forNoKeyUpdate().execute()
}

/** An asset that ends takes its uploads with it; whoever writes learns of it when he next writes down what is safe. */
export async function endUploadsOf(trx: Trx, assetId: string): Promise<void> {
  await trx
    .updateTable('uploads')
    .set({ status: 'gone', ended_at: sql`now()` })
    .where('asset_id', '=', assetId)
    .where('status', '=', 'open')
    .execute()
}

/** Uploads that nobody may go on with. They stay locked while the transaction lasts, so that several sweepers share the work. */
export async function takeExpiredUploads(trx: Trx, limit: number): Promise<Upload[]> {
  return trx
    .selectFrom('uploads')
    .selectAll()
    .where('status', '=', 'open')
    .where('expires_at', '<', sql<Date>`now()`)
    .orderBy('expires_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
}

/** Uploads that have all their bytes and yet were not finished: whoever took the last byte died, or storage was away. */
export async function unfinishedUploads(db: Database, { quietMs, limit }: { quietMs: number; limit: number }) {
  return db
    .selectFrom('uploads')
    .selectAll()
    .where('status', '=', 'open')
    .where('protocol', '=', 'tus')
    .whereRef('received', '=', 'bytes')
    .where('touched_at', '<', sql<Date>`now() - ${quietMs} * interval '1 millisecond'`)
    .orderBy('touched_at')
    .limit(limit)
    .execute()
}

/** Uploads that ended without an asset, of which storage may still hold something. By now whoever wrote has learnt of their end. */
export async function uploadsToTakeBack(
  db: Database,
  { quietMs, limit }: { quietMs: number; limit: number },
): Promise<Upload[]> {
  return db
    .selectFrom('uploads')
    .selectAll()
    .where('status', '=', 'gone')
    .where('taken_back', '=', false)
    .where('ended_at', '<', sql<Date>`now() - ${quietMs} * interval '1 millisecond'`)
    .orderBy('ended_at')
    .limit(limit)
    .execute()
}

export async function markTakenBack(db: Database, id: string): Promise<void> {
  await db.updateTable('uploads').set({ taken_back: true, growth: null, writer: null }).where('id', '=', id).execute()
}

export type Piece = Selectable<UploadPiecesTable>

/** All pieces in their order. */
export async function piecesOf(db: Database | Trx, uploadId: string): Promise<Piece[]> {
  return db.selectFrom('upload_pieces').selectAll().where('upload_id', '=', uploadId).orderBy('number').execute()
}

export async function isOpenUpload(db: Database, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('uploads')
    .select('id')
    .where('id', '=', id)
    .where('status', '=', 'open')
    .executeTakeFirst()
  return row !== undefined
}
