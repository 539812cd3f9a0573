import { expect, it } from 'vitest'
import { keptSigningSecret } from '../core/db/kept-signing-secret.ts'
import { openDatabase } from '../core/db/open.ts'
import { privateSuite } from './private.suite.ts'
import { testDatabase } from './setup/database.ts'

privateSuite({ name: 'on local storage', env: async () => ({}) })

it('processes that were given no secret sign and check with one that they share', async () => {
  const { url } = await testDatabase()
  const databases = Array.from({ length: 5 }, () => openDatabase({ url, name: 'test', onError: () => undefined }))
  try {
    const secrets = await Promise.all(databases.map((db) => keptSigningSecret(db, { SIGNING_SECRET: undefined })))
    expect(new Set(secrets).size).toBe(1)
    expect(secrets[0]).toMatch(/^[\w-]{43}$/)
    const [db] = databases
    if (db) expect(await keptSigningSecret(db, { SIGNING_SECRET: 'set by its owner' })).toBe('set by its owner')
  } finally {
    await Promise.all(databases.map((db) => db.destroy()))
  }
})
