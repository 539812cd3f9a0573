import { openAsBlob } from 'node:fs'
import { beforeAll, expect, it, vi } from 'vitest'
import { shortLivedOrigin } from '../scripts/bench/addresses-origin.ts'
import { atEnd } from './setup/at-end.ts'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'

let house: LiveHouse
let origin: Awaited<ReturnType<typeof shortLivedOrigin>>
beforeAll(async () => {
  house = await liveHouse({ env: { FETCH_ALLOW: '127.0.0.1' } })
  origin = await shortLivedOrigin({ livesMs: 60_000 })
  atEnd(() => origin[Symbol.asyncDispose]())
  await house.worker()
})

it('50 addresses are fetched at once, however many videos came before them', async () => {
  const film = await openAsBlob('fixtures/sample.mp4')
  for (let n = 0; n < 30; n++) await house.client.uploadFile(film, { filename: `${n}.mp4` })
  const videos = async (status: 'processing' | 'ready') =>
    (await house.client.assets({ status, kind: 'video', limit: 30 })).data.length
  await vi.waitFor(async () => expect(await videos('processing')).toBeGreaterThan(0))

  const before = await videos('ready')
  for (let n = 0; n < 25; n++) await house.client.createAsset({ source: { url: origin.address(n) } })
  const batch = Array.from({ length: 25 }, (_, n) => ({ source: { url: origin.address(25 + n) } }))
  expect(await house.client.createAssets(batch)).toHaveLength(25)
  const all = Array.from({ length: 50 }, (_, n) => n)
  await vi.waitFor(() => expect(all.filter((n) => !origin.servedInTime(n))).toEqual([]))
  expect((await videos('ready')) - before).toBeLessThan((30 - before) / 2)
})
