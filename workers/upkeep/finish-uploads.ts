import { tryLock } from '../../core/db/locks.ts'
import { isOpenUpload, unfinishedUploads } from '../../core/db/uploads.ts'
import { isId } from '../../core/ids.ts'
import { finishUpload } from '../../core/uploads/finish-upload.ts'
import { uploadLock } from '../../core/uploads/upload-lock.ts'
import type { House } from '../house.ts'

type Keeping = Pick<House, 'db' | 'storage' | 'push' | 'log' | 'timings'>

const atOnce = 100

/** Those whose last byte came a while ago: whoever took it died before he was done, or storage was away. */
export async function finishUploads(house: Keeping): Promise<void> {
  const { quietMs } = house.timings
  for (const { id } of await unfinishedUploads(house.db, { quietMs, limit: atOnce })) {
    try {
      await finishAlone(house, id)
    } catch (err) {
      house.log.warn({ err, uploadId: id }, 'an upload with all its bytes could not be finished; it comes round again')
    }
  }
}

/** Unless somebody is at it right now. */
async function finishAlone(house: Keeping, id: string): Promise<void> {
  const reminders = await house.db.transaction().execute(async (trx) => {
    if (!(await tryLock(trx, uploadLock(id)))) return []
    const upload = await house.db.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst()
    const whole = upload?.status === 'open' && upload.received === upload.bytes
    return whole ? finishUpload(house, upload) : []
  })
  if (reminders.length === 0) return
  house.log.warn({ uploadId: id }, 'an upload had all its bytes and was not finished; it is now')
  house.push.push(reminders)
}

/** Whether what grows under a key has somebody who may go on with it; for the sweep of half-stored objects. */
export function isStillGrowing(house: Pick<House, 'db'>): (key: string) => Promise<boolean> {
  return async (key) => {
    const id = key.split('/')[1] ?? ''
    return isId(id) && (await isOpenUpload(house.db, id))
  }
}
