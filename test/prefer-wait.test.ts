import { beforeAll, expect, test, vi } from 'vitest'
import { buildApp } from '../api/app.ts'
import { assetWaits } from '../api/asset-waits.ts'
import { preferredWait } from '../api/prefer-wait.ts'
import type { AssetStatus } from '../core/asset.ts'
import { deleteAsset } from '../core/db/asset-endings.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse, waitingAsset } from './setup/house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})

async function listening() {
  const app = await buildApp(house)
  atEnd(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const post = (externalId: string, prefer: string) =>
    fetch(`${url}/v1/assets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer },
      body: JSON.stringify({ source: { url: 'https://example.com/a.jpg' }, externalId }),
    })
  return { app, post }
}
const accepted = (externalId: string) =>
  vi.waitFor(() =>
    house.db.selectFrom('assets').select('id').where('external_id', '=', externalId).executeTakeFirstOrThrow(),
  )
const become = (id: string, status: AssetStatus) =>
  house.db.updateTable('assets').set({ status }).where('id', '=', id).execute()

test.each([
  ['wait=5', 5],
  ['respond-async, WAIT = "7"; x=y', 7],
  ['wait=3600', 60],
  ['wait=0', 0],
  ['respond-async', undefined],
  ['wait=-1', undefined],
  ['wait=1.5', undefined],
  ['await=5', undefined],
])('Prefer: %s asks for %s', (header, seconds) => {
  expect(preferredWait(header)).toBe(seconds)
})

test.each(['ready', 'failed'] as const)('the answer is held until the asset is %s, and is 200 then', async (status) => {
  const { post } = await listening()
  const answer = post(`held-${status}`, 'wait=30')
  const { id } = await accepted(`held-${status}`)
  await become(id, status)
  const { headers, status: said } = await answer
  expect(said).toBe(200)
  expect(headers.get('preference-applied')).toBe('wait=30')
  expect(headers.get('location')).toBe(`/v1/assets/${id}`)
  // What has ended already is not waited for.
  expect((await post(`held-${status}`, 'wait=30')).status).toBe(200)
})

test('when the time is over it is 202 with the asset as it is', async () => {
  const { post } = await listening()
  const answer = await post('slow', 'wait=1')
  expect(answer.status).toBe(202)
  expect(answer.headers.get('preference-applied')).toBe('wait=1')
  expect(await answer.json()).toMatchObject({ status: 'queued', externalId: 'slow' })
  expect((await post('slow', 'respond-async')).headers.get('preference-applied')).toBeNull()
})

test('an asset that is deleted meanwhile is not waited for any longer', async () => {
  const { post } = await listening()
  const answer = post('deleted', 'wait=30')
  const { id } = await accepted('deleted')
  await deleteAsset(house.db, { id, tenant: 'default' })
  expect((await answer).status).toBe(404)
})

test('a process that stops answers those who wait at once', async () => {
  const { app, post } = await listening()
  const answer = post('stopped', 'wait=60')
  await accepted('stopped')
  await app.close()
  expect((await answer).status).toBe(202)
})

test('however many wait, one statement at a time asks for all of them, and none when the last has gone', async () => {
  let asked = 0
  const counting = house.db.withPlugin({
    transformQuery: ({ node }) => {
      asked++
      return node
    },
    transformResult: async ({ result }) => result,
  })
  const waits = assetWaits({ db: counting, log: house.log })
  const assets = await Promise.all(Array.from({ length: 50 }, () => waitingAsset(house)))
  const startedAt = performance.now()
  const hangUp = new AbortController()
  const waiting = assets.map(({ asset }) => waits.ended({ id: asset.id, ms: 60_000, gone: hangUp.signal }))
  await vi.waitFor(() => expect(asked).toBeGreaterThan(2))
  expect(asked).toBeLessThanOrEqual((performance.now() - startedAt) / 200 + 1)
  hangUp.abort()
  await Promise.all(waiting)
  const before = asked
  await vi.waitFor(() => expect(performance.now() - startedAt).toBeGreaterThan(1_500))
  expect(asked).toBeLessThanOrEqual(before + 1)
  waits.close()
})
