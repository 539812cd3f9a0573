import { createHash, randomBytes } from 'node:crypto'
import { type Selectable, sql } from 'kysely'
import { newId } from '../ids.ts'
import type { Scope } from '../scopes.ts'
import { isTenant } from '../tenant.ts'
import type { ApiKeysTable } from './access-schema.ts'
import type { Database } from './open.ts'

export type { Scope } from '../scopes.ts'
export type ApiKey = Selectable<ApiKeysTable>

const hashOf = (secret: string) => createHash('sha256').update(secret).digest()

/** Makes a key; only its hash is kept, so this is the one time that it can be shown. */
export async function createKey(
  db: Database,
  key: { tenant: string; name: string; scopes: Scope[] },
): Promise<{ id: string; secret: string }> {
  if (!isTenant(key.tenant)) throw new Error(`"${key.tenant}" is no name for a tenant`)
  const secret = `sl_${randomBytes(24).toString('base64url')}`
  const id = newId()
  await db
    .insertInto('api_keys')
    .values({ id, tenant: key.tenant, name: key.name, hash: hashOf(secret), scopes: key.scopes })
    .execute()
  return { id, secret }
}

/** Finds the key by the hash of what was sent, so no secret is ever compared byte by byte. Notes its use at most once a minute. */
export async function findKey(db: Database, secret: string): Promise<ApiKey | undefined> {
  const key = await db
    .selectFrom('api_keys')
    .selectAll()
    .where('hash', '=', hashOf(secret))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (key === undefined) return undefined
  if (key.last_used_at === null || Date.now() - key.last_used_at.getTime() > 60_000)
    await db.updateTable('api_keys').set({ last_used_at: sql`now()` }).where('id', '=', key.id).execute()
  return key
}

export async function listKeys(db: Database, { tenant }: { tenant?: string | undefined } = {}): Promise<ApiKey[]> {
  let query = db.selectFrom('api_keys').selectAll()
  if (tenant !== undefined) query = query.where('tenant', '=', tenant)
  return query.orderBy('tenant').orderBy('id').execute()
}

/** From now on the key opens nothing; again changes nothing. `undefined`: there is no such key. */
export async function revokeKey(db: Database, id: string): Promise<ApiKey | undefined> {
  return db
    .updateTable('api_keys')
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, now())` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
}

/** Whether anybody goes by this name: somebody who has a key, or an asset. */
export async function tenantExists(db: Database, tenant: string): Promise<boolean> {
  const key = await db.selectFrom('api_keys').select('id').where('tenant', '=', tenant).limit(1).executeTakeFirst()
  if (key !== undefined) return true
  const theirs = db.selectFrom('assets').select('id').where('tenant', '=', tenant).where('deleted_at', 'is', null)
  return (await theirs.limit(1).executeTakeFirst()) !== undefined
}
