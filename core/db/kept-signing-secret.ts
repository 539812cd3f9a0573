import { randomBytes } from 'node:crypto'
import type { Config } from '../config.ts'
import type { Database } from './open.ts'

const name = 'signing'

/** The secret that was set, else one that the first process makes and all the others read: they sign and check alike. */
export async function keptSigningSecret(db: Database, config: Pick<Config, 'SIGNING_SECRET'>): Promise<string> {
  if (config.SIGNING_SECRET !== undefined) return config.SIGNING_SECRET
  await db
    .insertInto('secrets')
    .values({ name, value: randomBytes(32).toString('base64url') })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const { value } = await db.selectFrom('secrets').select('value').where('name', '=', name).executeTakeFirstOrThrow()
  return value
}
