import { buildApp } from '../../api/app.ts'
import { loadConfig } from '../../core/config.ts'
import { createKey, type Scope } from '../../core/db/keys.ts'
import { atEnd } from './at-end.ts'
import { type TestHouse, testHouse } from './house.ts'

export type TestApp = Awaited<ReturnType<typeof buildApp>>

export type KeyedApp = {
  house: TestHouse
  app: TestApp
  keyFor(tenant: string, scopes: Scope[]): Promise<string>
}

/** An API that asks for keys, not listening, and a way to make them. On a house of its own, or with other settings on one that is there. */
export async function keyedApp(env: Record<string, string> = {}, there?: TestHouse): Promise<KeyedApp> {
  const house = there === undefined ? await testHouse({ env: { AUTH: 'keys', ...env } }) : withSettings(there, env)
  const app = await buildApp(house)
  atEnd(() => app.close())
  const keyFor = async (tenant: string, scopes: Scope[]) =>
    (await createKey(house.db, { tenant, name: 'test', scopes })).secret
  return { house, app, keyFor }
}

/** The same parts under other settings. */
export function withSettings(house: TestHouse, env: Record<string, string>): TestHouse {
  const { STORAGE_DIR, LOG_LEVEL, SIGNING_SECRET } = house.config
  const config = loadConfig({ DATABASE_URL: house.databaseUrl, AUTH: 'keys', STORAGE_DIR, LOG_LEVEL, ...env })
  return { ...house, config: { ...config, SIGNING_SECRET } }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
