import { createHash, randomBytes } from 'node:crypto'
import { type Selectable, sql } from 'kysely'
import { SluiceError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { UploadTokensTable } from './access-schema.ts'
import type { Database } from './open.ts'
import type { JsonObject } from './schema.ts'
import type { Trx } from './tasks.ts'

export type UploadToken = Selectable<UploadTokensTable>

export type NewUploadToken = {
  tenant: string
  expiresIn: number
  maxBytes: number
  accept?: string[] | undefined
  profile?: string | undefined
  metadata?: JsonObject | undefined
}

const hashOf = (token: string) => createHash('sha256').update(token).digest()

/** Makes a token for one upload; only its hash is kept. */
export async function createUploadToken(
  db: Database,
  wishes: NewUploadToken,
): Promise<{ id: string; token: string; expiresAt: Date }> {
  const token = `slu_${randomBytes(24).toString('base64url')}`
  const row = await db
    .insertInto('upload_tokens')
    .values({
      id: newId(),
      tenant: wishes.tenant,
      hash: hashOf(token),
      max_bytes: wishes.maxBytes,
      accept: wishes.accept ?? null,
      profile: wishes.profile ?? null,
      metadata: JSON.stringify(wishes.metadata ?? {}),
      expires_at: sql<Date>`now() + ${wishes.expiresIn} * interval '1 second'`,
    })
    .returning(['id', 'expires_at'])
    .executeTakeFirstOrThrow()
  return { id: row.id, token, expiresAt: row.expires_at }
}

/** A token that may still be used: its time is not over, or the upload that it began still waits for bytes. */
export async function findUploadToken(db: Database, token: string): Promise<UploadToken | undefined> {
  return db
    .selectFrom('upload_tokens')
    .selectAll('upload_tokens')
    .leftJoin('assets', 'assets.id', 'upload_tokens.asset_id')
    .where('hash', '=', hashOf(token))
    .where(({ eb, and, or }) =>
      or([
        eb('upload_tokens.expires_at', '>', sql<Date>`now()`),
        and([eb('assets.status', '=', 'waiting'), eb('assets.deleted_at', 'is', null)]),
      ]),
    )
    .executeTakeFirst()
}

/** From here until the transaction ends, no other counts what this token brings, nor makes its upload. One that has made it is refused. */
export async function holdUploadToken(trx: Trx, id: string): Promise<void> {
  const held = await trx
    .selectFrom('upload_tokens')
    .select('asset_id')
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (held?.asset_id !== null) throw usedBefore(id)
}

/** In the transaction that makes the asset: a token makes one. The same asset again is no second use. */
export async function claimUploadToken(trx: Trx, claim: { id: string; assetId: string }): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('upload_tokens')
    .set({ asset_id: claim.assetId, claimed_at: sql`coalesce(claimed_at, now())` })
    .where('id', '=', claim.id)
    .where(({ eb, or }) => or([eb('asset_id', 'is', null), eb('asset_id', '=', claim.assetId)]))
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw usedBefore(claim.id)
}

const usedBefore = (id: string) =>
  new SluiceError('upload_token_used', { message: `upload token ${id} made another upload before` })

/** Forgets tokens that nobody can have a use for any more. */
export async function dropOldUploadTokens(db: Database): Promise<void> {
  await sql`
    DELETE FROM upload_tokens WHERE id IN (
      SELECT id FROM upload_tokens WHERE expires_at < now() - interval '30 days' LIMIT 10000
    )`.execute(db)
}
