import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { environment } from '../../core/config.ts'
import { openDatabase } from '../../core/db/open.ts'
import { withDatabaseUrl } from '../database-url.ts'
import { wrongUse } from '../options.ts'

type Asked = { url?: string; key?: string; data: string }

/** Where the API is: as told, else where the `up` of the data folder serves it. */
export async function findApi({ url, key, data }: Asked): Promise<{ url: string; key?: string }> {
  const env = environment()
  const withKey = key ?? env['SLUICE_KEY']
  const told = url ?? env['SLUICE_URL']
  const at = told || (await runningUp(data))
  if (at === undefined)
    throw new Error(`no Sluice runs on ${data}: start one with \`sluice up\`, or name one with --url or SLUICE_URL`)
  if (!URL.canParse(at)) throw wrongUse('url', `"${at}" is no address`)
  return { url: at, ...(withKey && { key: withKey }) }
}

/** It says so in the name of its session, which holds the folder. */
async function runningUp(data: string): Promise<string | undefined> {
  if (!environment()['DATABASE_URL'] && !existsSync(join(data, 'postgres'))) return undefined
  return withDatabaseUrl({ data }, async ({ DATABASE_URL: url }) => {
    const db = openDatabase({ url, name: 'sluice ingest', connections: 1, onError: () => undefined })
    try {
      const { rows } = await sql<{ name: string }>`SELECT application_name AS name FROM pg_stat_activity
        WHERE application_name LIKE 'sluice up %' AND datname = current_database() LIMIT 1`.execute(db)
      return /^sluice up \d+ (\S+)$/.exec(rows[0]?.name ?? '')?.[1]
    } finally {
      await db.destroy()
    }
  })
}
