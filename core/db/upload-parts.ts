import { sql } from 'kysely'
import type { Database } from './open.ts'
import type { Trx } from './tasks.ts'
import type { Piece, Upload } from './uploads.ts'

type Parts = { ids: readonly string[]; tenant: string }

/** Partial uploads of a tenant, in no order; those that are absent or another's are left out. */
export async function findParts(db: Database | Trx, { ids, tenant }: Parts): Promise<Upload[]> {
  return db
    .selectFrom('uploads')
    .selectAll()
    .select(
      sql<Upload['status']>`CASE WHEN status = 'open' AND expires_at < now() THEN 'gone' ELSE status END`.as('status'),
    )
    .where('id', 'in', ids)
    .where('tenant', '=', tenant)
    .where('protocol', '=', 'partial')
    .execute()
}

/** The objects that parts were kept as, by the upload that each came in. */
export async function keptParts(trx: Trx, ids: readonly string[]): Promise<Map<string, Piece>> {
  const pieces = await trx.selectFrom('upload_pieces').selectAll().where('upload_id', 'in', ids).execute()
  return new Map(pieces.map((piece) => [piece.upload_id, piece]))
}

/** Makes them parts of an asset, all of them or none: `false` when one was used, or ended, meanwhile. */
export async function useParts(
  trx: Trx,
  { ids, assetId }: { ids: readonly string[]; assetId: string },
): Promise<boolean> {
  // In the order of their ids, so that two who want the same do not wait for each other.
  await trx.selectFrom('uploads').select('id').where('id', 'in', ids).orderBy('id').forNoKeyUpdate().execute()
  const used = await trx
    .updateTable('uploads')
    .set({ status: 'done', asset_id: assetId, ended_at: sql`now()` })
    .where('id', 'in', ids)
    .where('protocol', '=', 'partial')
    .where('status', '=', 'open')
    .whereRef('received', '=', 'bytes')
    .returning('id')
    .execute()
  return used.length === ids.length
}

/** How many bytes the holder of an upload token may still bring, or has brought, in parts. */
export async function bytesInParts(
  trx: Trx,
  { tenant, tokenId }: { tenant: string; tokenId: string },
): Promise<number> {
  const row = await trx
    .selectFrom('uploads')
    .select(sql<number>`coalesce(sum(coalesce(bytes, max_bytes)), 0)::float8`.as('bytes'))
    .where('tenant', '=', tenant)
    .where('status', '=', 'open')
    .where('protocol', '=', 'partial')
    .where('token_id', '=', tokenId)
    .executeTakeFirstOrThrow()
  return row.bytes
}
