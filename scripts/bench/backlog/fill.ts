import { sql } from 'kysely'
import type { Database } from '../../../core/db/open.ts'
import type { Tables } from '../../../core/db/schema.ts'
import { newId } from '../../../core/ids.ts'

/** What is different in the copies, by table: expressions of SQL by column, in which `n` counts the copies. */
export type Change = Partial<Record<Copied, Record<string, string>>>
type Options = {
  /** An asset that the house itself accepted: its rows are the pattern. */
  assetId: string
  count: number
  change?: Change
}
type Copied = (typeof tables)[number]

/** What hangs on an asset, and by which column; an upload bears the asset's own id. */
const tables = ['assets', 'tasks', 'outputs', 'uploads', 'events'] as const satisfies (keyof Tables)[]
const atOnce = 10_000

/** So many assets more that are like one that is there, with everything that hangs on it; nothing has been sent to the queue. */
export async function copyAsset(db: Database, { assetId, count, change = {} }: Options): Promise<string[]> {
  const made: string[] = []
  for (let left = count; left > 0; left -= atOnce) {
    const ids = Array.from({ length: Math.min(left, atOnce) }, () => newId()).sort()
    await db.transaction().execute(async (trx) => {
      for (const table of tables) await copyRows(trx, { table, assetId, ids, change: change[table] ?? {} })
    })
    made.push(...ids)
  }
  return made
}

type Copy = { table: Copied; assetId: string; ids: string[]; change: Record<string, string> }

async function copyRows(db: Database, { table, assetId, ids, change }: Copy): Promise<void> {
  const source = sql.table(table)
  const own = table === 'assets' || table === 'uploads'
  const names = await columnsOf(db, table)
  const value = (name: string) => {
    if (name === (own ? 'id' : 'asset_id') || (table === 'uploads' && name === 'asset_id')) return sql`copy.id`
    // Sorts by time like the house's own, whatever this server can make by itself.
    if (name === 'id')
      return sql`overlay(copy.id::text placing substr(md5(copy.id::text || row.id), 1, 12) from 25)::uuid`
    const wanted = change[name]
    return wanted === undefined ? sql.ref(`row.${name}`) : sql.raw(wanted)
  }
  await sql`
    INSERT INTO ${source} (${sql.join(names.map((name) => sql.ref(name)))})
    SELECT ${sql.join(names.map(value))}
    FROM ${source} AS row, unnest(${ids}::uuid[]) WITH ORDINALITY AS copy (id, n)
    WHERE ${sql.ref(`row.${own ? 'id' : 'asset_id'}`)} = ${assetId}`.execute(db)
}

async function columnsOf(db: Database, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT column_name AS name FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = ${table} AND is_identity = 'NO'`.execute(db)
  return rows.map(({ name }) => name)
}
