import { openLocks } from '../../core/db/locks.ts'
import { openDatabase } from '../../core/db/open.ts'
import { atEnd } from './at-end.ts'
import type { TestHouse } from './house.ts'

/** The same database and storage, with connections and locks of its own: as far as both know, in another process. */
export function neighbourOf(house: TestHouse): TestHouse {
  const options = { url: house.databaseUrl, name: 'neighbour', onError: () => undefined }
  const db = openDatabase(options)
  const locks = openLocks(options)
  atEnd(async () => {
    await locks.close()
    await db.destroy()
  })
  return { ...house, db, locks }
}
