import { sql } from 'kysely'
import type { Database } from './open.ts'

/** A caller's key, as its hash. */
export type KeyRef = { tenant: string; key: string }
export type Kept = { requestHash: Buffer | null; status: number; answer: Buffer }

const keptFor = sql<Date>`now() - interval '24 hours'`

/**
 * Notes that a request begins under its key, with the id of what it will make; whoever calls holds the key's lock.
 * A run that ended without an answer to keep left its id, which the same request takes over: so it finds what that run made.
 * Another request begins anew. `undefined`: there is an answer already.
 */
export async function claimKey(
  db: Database,
  { tenant, key, requestHash, assetId }: KeyRef & { requestHash: Buffer | null; assetId: string },
): Promise<{ assetId: string } | undefined> {
  const same = sql`kept.created_at >= ${keptFor} AND
    (kept.request_hash IS NULL OR excluded.request_hash IS NULL OR kept.request_hash = excluded.request_hash)`
  const { rows } = await sql<{ assetId: string }>`
    INSERT INTO idempotency AS kept (tenant, key, request_hash, asset_id)
    VALUES (${tenant}, ${key}, ${requestHash}, ${assetId})
    ON CONFLICT (tenant, key) DO UPDATE SET
      asset_id = CASE WHEN ${same} THEN kept.asset_id ELSE excluded.asset_id END,
      request_hash = CASE WHEN ${same} THEN coalesce(kept.request_hash, excluded.request_hash) ELSE excluded.request_hash END,
      created_at = CASE WHEN ${same} THEN kept.created_at ELSE now() END,
      status = NULL, answer = NULL
    WHERE kept.status IS NULL OR kept.created_at < ${keptFor}
    RETURNING asset_id AS "assetId"`.execute(db)
  return rows[0]
}

/** What a form carried shows only when it has been read. False: an earlier run under this key had carried something else. */
export async function settleRequest(
  db: Database,
  { tenant, key, requestHash, assetId }: KeyRef & { requestHash: Buffer; assetId: string },
): Promise<boolean> {
  const row = await db
    .updateTable('idempotency')
    .set({ request_hash: sql<Buffer>`coalesce(request_hash, ${requestHash})` })
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .where('asset_id', '=', assetId)
    .returning('request_hash')
    .executeTakeFirst()
  return row?.request_hash?.equals(requestHash) ?? false
}

export async function findRequest(
  db: Database,
  { tenant, key }: KeyRef,
): Promise<{ requestHash: Buffer | null; kept: Kept | undefined } | undefined> {
  const row = await db
    .selectFrom('idempotency')
    .select(['request_hash', 'status', 'answer'])
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .where('created_at', '>=', keptFor)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { request_hash: requestHash, status, answer } = row
  return { requestHash, kept: status === null || answer === null ? undefined : { requestHash, status, answer } }
}

/** The first answer counts: a second run of the same request changes nothing. */
export async function keepAnswer(
  db: Database,
  { tenant, key, assetId, status, answer }: KeyRef & { assetId: string; status: number; answer: Buffer },
): Promise<void> {
  await db
    .updateTable('idempotency')
    .set({ status, answer })
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .where('asset_id', '=', assetId)
    .where('status', 'is', null)
    .execute()
}

/** Forgets keys whose day is over. */
export async function forgetOldKeys(db: Database, limit = 10_000): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM idempotency WHERE (tenant, key) IN (
      SELECT tenant, key FROM idempotency WHERE created_at < ${keptFor} ORDER BY created_at LIMIT ${limit}
      FOR UPDATE SKIP LOCKED)`.execute(db)
  return Number(numAffectedRows ?? 0)
}
