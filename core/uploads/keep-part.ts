import type { Database } from '../db/open.ts'
import type { Upload } from '../db/uploads.ts'
import { parseGrowth } from '../storage/growing.ts'
import type { FinishingHouse } from './finish-upload.ts'

/** All bytes of a partial upload (tus) are safe: they become one object, a piece that waits for its final upload. Repeatable. */
export async function keepPart({ db, storage }: FinishingHouse, upload: Upload): Promise<void> {
  // One without bytes is nothing, and joins as nothing.
  if (upload.growth === null || upload.received === 0 || (await isKept(db, upload.id))) return
  const sealed = await storage.growing.seal(parseGrowth(upload.growth), { fresh: upload.writer !== null })
  await db
    .insertInto('upload_pieces')
    .values({ upload_id: upload.id, number: 0, key: sealed.key, bytes: sealed.bytes, etag: sealed.etag })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

async function isKept(db: Database, id: string): Promise<boolean> {
  const row = await db.selectFrom('upload_pieces').select('number').where('upload_id', '=', id).executeTakeFirst()
  return row !== undefined
}
