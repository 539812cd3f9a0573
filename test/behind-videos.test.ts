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

it('50 addresses are fetched within seconds, however many videos came before them', { timeout: 90_000 }, async () => {
  const film = await openAsBlob('fixtures/sample.mp4')
  for (let n = 0; n < 30; n++) await house.client.uploadFile(film, { filename: `${n}.mp4` })
  const encodes = async () => (await house.client.assets({ status: 'processing', limit: 1 })).data.length
  await vi.waitFor(async () => expect(await encodes()).toBe(1), { timeout: 30_000, interval: 100 })

  const calledAt: number[] = []
  for (let n = 0; n < 25; n++) {
    calledAt.push(performance.now())
    await house.client.createAsset({ source: { url: origin.address(n) } })
  }
  const batch = Array.from({ length: 25 }, (_, n) => ({ source: { url: origin.address(25 + n) } }))
  for (const _ of batch) calledAt.push(performance.now())
  expect(await house.client.createAssets(batch)).toHaveLength(25)
  await vi.waitFor(() => expect(calledAt.every((_, n) => origin.servedInTime(n))).toBe(true), {
    timeout: 30_000,
    interval: 50,
  })
  const waits = calledAt.map((at, n) => (origin.firstAsked(n) ?? Number.POSITIVE_INFINITY) - at)
  expect(Math.max(...waits)).toBeLessThan(5_000)
  expect((await house.client.assets({ status: 'ready', kind: 'video' })).data.length).toBeLessThan(15)
})
