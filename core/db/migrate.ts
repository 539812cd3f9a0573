import { readdir } from 'node:fs/promises'
import { Kysely, PostgresDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'

const folder = new URL('../../migrations/', import.meta.url)

/** Runs what has not run yet, under the lock that kysely takes in the database: any number of processes may call this at once. */
export async function migrateToLatest({ url }: { url: string }): Promise<string[]> {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({
      pool: new pg.Pool({ connectionString: url, max: 2, application_name: 'sluice migrate' }),
    }),
  })
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: readMigrations } })
    const { error, results } = await migrator.migrateToLatest()
    if (error) throw error
    return (results ?? []).map((result) => result.migrationName)
  } finally {
    await db.destroy()
  }
}

async function readMigrations(): Promise<Record<string, Migration>> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}-[a-z-]+\.(ts|js)$/.test(file)).sort()
  const modules = await Promise.all(
    files.map(async (file) => [file.replace(/\.[tj]s$/, ''), await import(new URL(file, folder).href)]),
  )
  return Object.fromEntries(modules)
}
