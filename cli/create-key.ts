import { createKey, type Scope, scopes } from '../core/db/keys.ts'
import { migrateToLatest } from '../core/db/migrate.ts'
import { openDatabase } from '../core/db/open.ts'
import { withDatabaseUrl } from './database-url.ts'

/** Makes an API key and prints it, the one time that it can be seen. */
export async function createKeyCommand(options: {
  tenant: string
  scopes: string
  name: string
  data: string
  json?: boolean
}): Promise<void> {
  const wanted = options.scopes.split(',').map(scopeOf)
  await withDatabaseUrl(options, async ({ DATABASE_URL: url }) => {
    await migrateToLatest({ url })
    const db = openDatabase({
      url,
      name: 'sluice keys',
      connections: 1,
      onError: (error) => console.error(error.message),
    })
    try {
      const key = await createKey(db, { tenant: options.tenant, name: options.name, scopes: wanted })
      if (options.json)
        console.log(JSON.stringify({ id: key.id, key: key.secret, tenant: options.tenant, scopes: wanted }))
      else console.log(key.secret)
    } finally {
      await db.destroy()
    }
  })
}

function scopeOf(text: string): Scope {
  const scope = scopes.find((one) => one === text)
  if (scope === undefined) throw new Error(`there is no scope "${text}"; there are ${scopes.join(', ')}`)
  return scope
}
