import { sql } from 'kysely'
import type { Database } from '../../core/db/open.ts'
import { newId } from '../../core/ids.ts'

/** Rows like that of one asset that went the whole way: what is made anew of them is the same work for each. */
export async function copyAsset(db: Database, { id, times }: { id: string; times: number }): Promise<string[]> {
  const ids = Array.from({ length: times }, () => newId())
  const found = await sql<{ names: string }>`
    SELECT string_agg(quote_ident(column_name), ', ') AS names FROM information_schema.columns
    WHERE table_name = 'assets' AND table_schema = current_schema() AND column_name <> 'id'`.execute(db)
  const columns = sql.raw(found.rows[0]?.names ?? '')
  await sql`INSERT INTO assets (id, ${columns}) SELECT copy.id, ${columns} FROM assets
    CROSS JOIN unnest(${ids}::uuid[]) AS copy (id) WHERE assets.id = ${id}`.execute(db)
  return ids
}
