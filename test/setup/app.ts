import { buildApp } from '../../api/app.ts'
import { createKey, type Scope } from '../../core/db/keys.ts'
import { atEnd } from './at-end.ts'
import { type TestHouse, testHouse } from './house.ts'

export type TestApp = Awaited<ReturnType<typeof buildApp>>

/** An API that asks for keys, not listening, and a way to make them. */
export async function keyedApp(env: Record<string, string> = {}): Promise<{
  house: TestHouse
  app: TestApp
  keyFor(tenant: string, scopes: Scope[]): Promise<string>
}> {
  const house = await testHouse({ env: { AUTH: 'keys', ...env } })
  const app = await buildApp(house)
  atEnd(() => app.close())
  const keyFor = async (tenant: string, scopes: Scope[]) =>
    (await createKey(house.db, { tenant, name: 'test', scopes })).secret
  return { house, app, keyFor }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
