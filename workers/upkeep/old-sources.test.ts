import { beforeAll, describe, expect, it } from 'vitest'
import { roomLeft } from '../../core/db/quotas.ts'
import { countSelected } from '../../core/db/select-assets.ts'
import { reprocessAsset } from '../../core/reprocess.ts'
import { privateObject } from '../../core/storage/keys.ts'
import { readAsset, type TestHouse, testHouse, waitingAsset } from '../../test/setup/house.ts'
import { houseChores } from './chores.ts'
import { deleteOldSources } from './old-sources.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})

const day = 86_400

/** An asset that has been ready for so many days, its source of 3 bytes in storage, and whatever is otherwise about it. */
async function ready({ days, working = false, ...more }: { days: number; working?: boolean; status?: 'failed' }) {
  const { asset } = await waitingAsset(house)
  const key = `default/${asset.id}/source/a.mp4`
  await house.storage.put(key, Buffer.from('abc'), privateObject)
  const at = new Date(Date.now() - days * day * 1_000)
  await house.db
    .updateTable('assets')
    .set({ status: 'ready', source_key: key, source_bytes: 3, received_at: at, ready_at: at, updated_at: at, ...more })
    .where('id', '=', asset.id)
    .execute()
  if (!working) await house.db.updateTable('tasks').set({ status: 'done' }).where('asset_id', '=', asset.id).execute()
  return { id: asset.id, isKept: async () => (await house.storage.head(key)) !== undefined }
}

const room = () => {
  const quotas = { QUOTA_STORED_BYTES: 100, QUOTA_INFLIGHT_BYTES: 0, QUOTA_OPEN_UPLOADS: 0, QUOTA_ASSETS_PER_HOUR: 0 }
  return roomLeft(house.db, { tenant: 'default', quotas })
}

describe('the source of an asset', () => {
  it('is deleted when it has been kept for so long; its bytes are not counted any more, and it says why it cannot be made anew', async () => {
    const [old, young] = [await ready({ days: 8 }), await ready({ days: 6 })]
    const before = await room()
    const all = await countSelected(house.db, {})
    expect(await deleteOldSources(house, 7 * day)).toBe(1)
    expect([await old.isKept(), await young.isKept()]).toEqual([false, true])
    expect(await room()).toBe(before + 3)
    await expect(reprocessAsset(house, { id: old.id, tenant: 'default' })).rejects.toMatchObject({
      code: 'source_gone',
    })
    expect(await readAsset(house, old.id)).toMatchObject({ status: 'ready', source_bytes: 3 })
    const left = await countSelected(house.db, {})
    expect(left.map(({ assets }) => assets)).toEqual(all.map(({ assets }) => assets - 1))
    expect(await deleteOldSources(house, 7 * day)).toBe(0)
  })

  it('stays while something works on it, and after it failed', async () => {
    const [worked, failed, other] = [
      await ready({ days: 9, working: true }),
      await ready({ days: 9, status: 'failed' }),
      await ready({ days: 9 }),
    ]
    await deleteOldSources(house, 0)
    expect([await worked.isKept(), await failed.isKept(), await other.isKept()]).toEqual([true, true, false])
  })

  it('is nobody’s chore where sources are kept, which they are unless a setting says otherwise', () => {
    const chores = (it: TestHouse) => houseChores({ house: it, sender: it.sender }).map(({ name }) => name)
    expect(chores(house)).not.toContain('old-sources')
    expect(chores({ ...house, config: { ...house.config, SOURCE_RETENTION: 0 } })).toContain('old-sources')
  })
})
