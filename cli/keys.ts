import type { ServiceConfig } from '../core/config.ts'
import { type ApiKey, createKey, listKeys, revokeKey, type Scope } from '../core/db/keys.ts'
import { migrateToLatest } from '../core/db/migrate.ts'
import { type Database, openDatabase } from '../core/db/open.ts'
import { columns } from './columns.ts'
import { withDatabaseUrl } from './database-url.ts'
import { forTerminal } from './for-terminal.ts'

type Where = { data: string; json?: boolean }

/** Makes an API key and prints it, the one time that it can be seen. */
export async function createKeyCommand(
  options: Where & { tenant: string; scopes: Scope[]; name: string },
): Promise<void> {
  const { tenant, scopes, name } = options
  const { id, secret } = await onDatabase(options, (db) => createKey(db, { tenant, name, scopes }))
  console.log(options.json ? JSON.stringify({ id, key: secret, tenant, scopes }) : secret)
}

/** Every key but for its secret, which nobody has any more. */
export async function listKeysCommand(options: Where & { tenant?: string }): Promise<void> {
  const keys = await onDatabase(options, (db) => listKeys(db, { tenant: options.tenant }))
  if (options.json) return console.log(JSON.stringify({ data: keys.map(keyView) }))
  if (keys.length === 0) return console.log('There are no keys; make one with: sluice keys create --tenant NAME')
  const day = (date: Date | null) => date?.toISOString().slice(0, 16).replace('T', ' ') ?? ''
  const head = ['ID', 'TENANT', 'NAME', 'SCOPES', 'CREATED', 'LAST USED', 'REVOKED']
  const rows = keys.map((key) => [
    ...[key.id, key.tenant, key.name, key.scopes.join(',')],
    ...[day(key.created_at), day(key.last_used_at) || 'never', day(key.revoked_at)],
  ])
  console.log(columns([head, ...rows]))
}

/** A revoked key opens nothing more, in any process, a few seconds from now. */
export async function revokeKeyCommand(options: Where & { id: string }): Promise<void> {
  const key = await onDatabase(options, (db) => revokeKey(db, options.id))
  if (key === undefined) throw new Error(`there is no key ${options.id}; see: sluice keys list`)
  console.log(
    options.json ? JSON.stringify(keyView(key)) : `Revoked ${key.id} (${key.tenant}, ${forTerminal(key.name)}).`,
  )
}

function keyView(key: ApiKey) {
  const time = (date: Date | null) => date?.toISOString() ?? null
  return {
    ...{ id: key.id, tenant: key.tenant, name: key.name, scopes: key.scopes },
    ...{ createdAt: time(key.created_at), lastUsedAt: time(key.last_used_at), revokedAt: time(key.revoked_at) },
  }
}

async function onDatabase<Result>(options: Where, work: (db: Database) => Promise<Result>): Promise<Result> {
  return withDatabaseUrl(options, async ({ DATABASE_URL: url }: ServiceConfig) => {
    await migrateToLatest({ url })
    const onError = (error: Error) => console.error(error.message)
    const db = openDatabase({ url, name: 'sluice keys', connections: 1, onError })
    try {
      return await work(db)
    } finally {
      await db.destroy()
    }
  })
}
