import { openAsBlob } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { makeClip } from '../fixtures/make.ts'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'
import { processesOn } from './setup/spawned-up.ts'
import { tempFolder } from './setup/temp-folder.ts'

describe('an asset in the middle of its work', () => {
  let house: LiveHouse
  let film: Blob
  beforeAll(async () => {
    house = await liveHouse()
    await house.worker()
    film = await openAsBlob(await makeClip({ name: 'chunks', folder: await tempFolder() }))
  })
  const call = (method: string, path: string) => fetch(`${house.url}/v1/assets/${path}`, { method, redirect: 'manual' })
  const encoders = async () => (await processesOn(`${house.folder}/scratch`)).filter((one) => /ffmpeg/.test(one))
  async function encoding(): Promise<string> {
    const { id } = await house.client.uploadFile(film, { filename: 'film.mp4' })
    await vi.waitFor(async () => expect((await encoders()).length).toBeGreaterThan(0), { interval: 20 })
    return id
  }

  it('is cancelled, its ffmpeg ends with it, and it stays cancelled', async () => {
    const id = await encoding()
    const answer = await call('POST', `${id}/cancel`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ status: 'cancelled' })
    await vi.waitFor(async () => expect(await encoders()).toEqual([]))
    expect((await call('POST', `${id}/cancel`)).status).toBe(409)
    expect(await house.client.asset(id)).toMatchObject({ status: 'cancelled' })
    const { data } = (await (await call('GET', `${id}/tasks`)).json()) as { data: { key: string; status: string }[] }
    expect(data.filter((task) => task.status === 'running' || task.status === 'pending')).toEqual([])
  })

  it('is deleted: hidden at once, stopped, and soon no object of it is left', async () => {
    const id = await encoding()
    expect((await call('DELETE', id)).status).toBe(204)
    expect((await call('DELETE', id)).status).toBe(404)
    expect((await call('GET', id)).status).toBe(404)
    await vi.waitFor(async () => expect(await encoders()).toEqual([]))
    await vi.waitFor(async () => expect(await readdir(`${house.folder}/media/default`)).not.toContain(id), {
      interval: 100,
    })
  })

  it('plays by one lasting address, which leads nowhere before there is something to play', async () => {
    const { id } = await house.client.uploadFile(film, { filename: 'film.mp4' })
    expect((await call('GET', `${id}/play`)).status).toBe(409)
    const asset = await house.client.waitUntilReady(id, { everyMs: 200 })
    const answer = await call('GET', `${id}/play`)
    expect(answer.status).toBe(302)
    expect(answer.headers.get('location')).toBe(asset.playback?.hls)
  })
})
