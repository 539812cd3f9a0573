import type { Database } from './open.ts'

const name = 'spool'

/** The mark of the folder that all processes spool to: that of whoever came first. */
export async function keptSpoolMark(db: Database, mine: string): Promise<string | undefined> {
  await db
    .insertInto('secrets')
    .values({ name, value: mine })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  return seenSpoolMark(db)
}

export async function seenSpoolMark(db: Database): Promise<string | undefined> {
  const row = await db.selectFrom('secrets').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value
}
