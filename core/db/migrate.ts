import { readdir } from 'node:fs/promises'
import { Kysely, PostgresDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'
import { checkOldEnough, newerMigrations } from './schema-needs.ts'

const folder = new URL('../../migrations/', import.meta.url)

/**
 * Runs what has not run yet, under the lock that kysely takes in the database: any number of processes may call this at
 * once. Where a newer version has been before, nothing is run: either this one may go on with it as it is, or SchemaTooNew.
 */
export async function migrateToLatest({ url }: { url: string }): Promise<string[]> {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({
      pool: new pg.Pool({ connectionString: url, max: 2, application_name: 'sluice migrate' }),
    }),
  })
  try {
    const migrations = await readMigrations()
    const known = Object.keys(migrations)
    if (await isNewer(db, known)) return []
    const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
    const { error, results } = await migrator.migrateToLatest()
    // A newer one may have come between our look and our turn.
    if (error && !(await isNewer(db, known))) throw error
    return (results ?? []).map((result) => result.migrationName)
  } finally {
    await db.destroy()
  }
}

async function isNewer(db: Kysely<unknown>, known: string[]): Promise<boolean> {
  if ((await newerMigrations(db, known)).length === 0) return false
  await checkOldEnough(db, known)
  return true
}

async function readMigrations(): Promise<Record<string, Migration>> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}-[a-z-]+\.(ts|js)$/.test(file)).sort()
  const modules = await Promise.all(
    files.map(async (file) => [file.replace(/\.[tj]s$/, ''), await import(new URL(file, folder).href)]),
  )
  return Object.fromEntries(modules)
}
