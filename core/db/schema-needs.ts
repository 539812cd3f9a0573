import { type Kysely, sql } from 'kysely'

/** The database was changed by a version that says nobody as old as this one may use it any more. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew'
}

/** Migrations that have run here and that this version does not have: a newer one was here before us. */
export async function newerMigrations(db: Kysely<unknown>, known: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ there: boolean }>`SELECT to_regclass('kysely_migration') IS NOT NULL AS there`.execute(
    db,
  )
  if (!rows[0]?.there) return []
  const ran = await sql<{ name: string }>`SELECT name FROM kysely_migration ORDER BY name`.execute(db)
  const newest = known.at(-1) ?? ''
  return ran.rows.map(({ name }) => name).filter((name) => !known.includes(name) && name > newest)
}

/**
 * Whether this version may run on a schema that is newer than itself. What only adds changes nothing for it. A migration
 * that takes something away writes its own number into `schema_needs`: no older version may start from then on.
 */
export async function checkOldEnough(db: Kysely<unknown>, known: readonly string[]): Promise<void> {
  const newest = Number.parseInt(known.at(-1) ?? '0', 10)
  const { rows } = await sql<{ least: number; since: string }>`SELECT least, since FROM schema_needs`.execute(db)
  const needs = rows[0]
  if (needs === undefined || needs.least <= newest) return
  throw new SchemaTooNew(
    `the database was changed by a newer version of Sluice (${needs.since}), and this one (${known.at(-1)}) is too old for it. ` +
      'Start the newer version, or restore a backup from before its migration.',
  )
}
