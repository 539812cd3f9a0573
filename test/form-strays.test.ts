import { readdir } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { tidyUploads } from '../workers/upkeep/uploads.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'

async function send(house: TestHouse, profile?: string): Promise<number> {
  const app = await buildApp(house)
  atEnd(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const form = new FormData()
  form.append('file', new Blob(['not really a film']), 'a.mp4')
  if (profile !== undefined) form.append('profile', profile)
  return (await fetch(`${url}/v1/assets`, { method: 'POST', body: form })).status
}

it('bytes of a form whose API died before there was an asset are taken back; those of an asset are not', async () => {
  const house = await testHouse()
  const stored = async () => {
    const all = await readdir(house.config.STORAGE_DIR, { recursive: true, withFileTypes: true })
    return all.filter((file) => file.isFile() && file.parentPath.includes('source')).length
  }
  const promises = () =>
    house.db.selectFrom('uploads').select(['id', 'status']).where('taken_back', '=', false).execute()
  expect(await send(house)).toBe(202)
  expect(await promises()).toEqual([])
  // It can take nothing back any more, as if it were dead.
  const dying = { ...house, storage: { ...house.storage, delete: () => Promise.reject(new Error('dead')) } }
  expect(await send(dying, 'no such profile')).toBe(400)
  expect(await stored()).toBe(2)
  await tidyUploads(house)
  expect(await stored()).toBe(2)
  expect(await promises()).toMatchObject([{ status: 'gone' }])
  await house.db
    .updateTable('uploads')
    .set({ ended_at: new Date(0) })
    .execute()
  await tidyUploads(house)
  expect(await stored()).toBe(1)
  expect(await promises()).toEqual([])
})
