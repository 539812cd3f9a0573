import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { beforeAll, describe, expect, it } from 'vitest'
import { acceptAsset } from '../../core/accept.ts'
import { abandonUpload } from '../../core/db/asset-endings.ts'
import { beginWriting, insertUpload, saveProgress } from '../../core/db/uploads.ts'
import { newId } from '../../core/ids.ts'
import { privateObject, sourceKey } from '../../core/storage/keys.ts'
import { finishUpload } from '../../core/uploads/finish-upload.ts'
import { uploadLock } from '../../core/uploads/upload-lock.ts'
import { addTask, readAsset, type TestHouse, testHouse } from '../../test/setup/house.ts'
import { handlers } from '../handlers.ts'
import { runTask } from '../run-task.ts'
import { finishUploads, isStillGrowing } from './finish-uploads.ts'
import { tidyUploads } from './uploads.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse({ timings: { quietMs: 0 } })
})

/** An upload of five bytes of which so many came. */
async function uploadWith(text: string, { left = true } = {}): Promise<string> {
  const id = newId()
  const bytes = 5
  const source = { type: 'awaited' as const, bytes }
  await acceptAsset(house, { id, tenant: 'default', source }, async (trx) => {
    const row = { id, asset_id: id, tenant: 'default', protocol: 'tus' as const, bytes, max_bytes: bytes }
    await insertUpload(trx, { ...row, ttlSeconds: 3_600 })
  })
  const writer = newId()
  await beginWriting(house.db, { id, writer })
  const begun = await house.storage.growing.begin(sourceKey({ tenant: 'default', id }, 'a.mp4'), privateObject)
  const { growth } = await house.storage.growing.append(begun, Readable.from([Buffer.from(text)]))
  await saveProgress(house.db, { id, writer, received: growth.bytes, growth, ttlSeconds: 3_600 }, { leave: left })
  return id
}

const events = async (id: string) =>
  (await house.db.selectFrom('events').select('type').where('asset_id', '=', id).orderBy('sequence').execute()).map(
    ({ type }) => type,
  )
const statusOf = async (id: string) =>
  (await house.db.selectFrom('uploads').select('status').where('id', '=', id).executeTakeFirstOrThrow()).status
const filesOf = async (id: string) => {
  const all = await readdir(house.config.STORAGE_DIR, { recursive: true, withFileTypes: true })
  return all.filter((file) => file.isFile() && file.parentPath.includes(id)).map(({ name }) => name)
}

describe('an upload that has all its bytes and was not finished', () => {
  it.each([true, false])('is finished, once, whether or not its writer said goodbye (%s)', async (left) => {
    const id = await uploadWith('hello', { left })
    await Promise.all([finishUploads(house), finishUploads(house)])
    await finishUploads(house)
    expect(await statusOf(id)).toBe('done')
    const asset = await readAsset(house, id)
    expect(asset).toMatchObject({ status: 'queued', source_bytes: 5 })
    expect(await events(id)).toEqual(['asset.created', 'asset.uploaded'])
    const stored = await house.storage.get(asset.source_key ?? '')
    expect(Buffer.concat(await stored.toArray()).toString()).toBe('hello')
  })

  it('is finished once, though two finish it in the same moment', async () => {
    const id = await uploadWith('hello')
    const upload = await house.db.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    const reminders = await Promise.all([finishUpload(house, upload), finishUpload(house, upload)])
    expect(reminders.map((one) => one.length).toSorted()).toEqual([0, 1])
    expect(await events(id)).toEqual(['asset.created', 'asset.uploaded'])
  })

  it('is left alone while somebody holds its lock', async () => {
    const id = await uploadWith('hello')
    const lock = await house.locks.take(uploadLock(id), { waitMs: 0 })
    await finishUploads(house)
    expect(await statusOf(id)).toBe('open')
    await lock?.release()
    await finishUploads(house)
    expect(await statusOf(id)).toBe('done')
  })
})

describe('an upload that nobody goes on with', () => {
  it('ends when its time is over, with its asset, and leaves nothing', async () => {
    const id = await uploadWith('hel')
    await tidyUploads(house)
    expect(await statusOf(id)).toBe('open')
    const past = new Date(Date.now() - 1_000)
    await house.db.updateTable('uploads').set({ expires_at: past }).where('id', '=', id).execute()
    await tidyUploads(house)
    expect(await statusOf(id)).toBe('gone')
    expect(await readAsset(house, id)).toMatchObject({ status: 'failed', error: { code: 'upload_expired' } })
    await tidyUploads(house)
    const row = await house.db.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    expect(row).toMatchObject({ taken_back: true, growth: null })
    expect(await filesOf(id)).toEqual([])
    expect(
      (await readdir(house.config.STORAGE_DIR, { recursive: true })).filter((name) => name.includes('hel')),
    ).toEqual([])
  })

  it('that was given up leaves nothing, even what was sealed in the moment of its end', async () => {
    const id = await uploadWith('hello')
    const { growth } = await house.db
      .selectFrom('uploads')
      .select('growth')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    await house.storage.growing.seal(growth as never)
    expect(await abandonUpload(house.db, { id, tenant: 'default' })).toBe(true)
    await finishUploads(house)
    await tidyUploads(house)
    expect(await filesOf(id)).toEqual([])
    expect(await readAsset(house, id)).toMatchObject({ status: 'cancelled', source_key: null })
  })
})

it('what is under way is spared by the sweep of half-stored objects; what has ended is not', async () => {
  const id = await uploadWith('hel')
  const spare = isStillGrowing(house)
  expect(await spare(`default/${id}/source/a.mp4`)).toBe(true)
  await abandonUpload(house.db, { id, tenant: 'default' })
  expect(await spare(`default/${id}/source/a.mp4`)).toBe(false)
  expect(await spare('elsewhere')).toBe(false)
})

describe('the hash of a source whose bytes came in several requests', () => {
  it('is reckoned by a task of its own, which nothing waits for', async () => {
    const id = await uploadWith('hello')
    await finishUploads(house)
    expect((await readAsset(house, id)).source_sha256).toBeNull()
    const task = await addTask(house, { assetId: id, key: 'digest' })
    const closing = new AbortController().signal
    expect(await runTask({ house, taskId: task?.taskId ?? '', handlers, closing })).toEqual({ end: 'done' })
    expect((await readAsset(house, id)).source_sha256).toBe(createHash('sha256').update('hello').digest('hex'))
  })
})
