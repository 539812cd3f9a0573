import { openAsBlob } from 'node:fs'
import { expect, it } from 'vitest'
import { makeClip } from '../fixtures/make.ts'
import { liveHouse } from './setup/live-house.ts'
import { tempFolder } from './setup/temp-folder.ts'

const read = async (url: string) => {
  const answer = await fetch(url)
  expect(answer.status, url).toBe(200)
  return { text: await answer.text(), type: answer.headers.get('content-type') }
}

it('a video with two languages and subtitles has them all from the moment it turns playable, and in DASH at the end', async () => {
  const house = await liveHouse()
  await house.worker()
  const film = await makeClip({ name: 'languages', folder: await tempFolder() })
  const { id } = await house.client.uploadFile(await openAsBlob(film), { filename: 'film.mkv' })
  await expect.poll(async () => (await house.client.asset(id)).playable, { timeout: 60_000 }).toBe(true)

  const early = await house.client.asset(id)
  const { text } = await read(early.playback?.hls ?? '')
  const tracks = [...text.matchAll(/^#EXT-X-MEDIA:.*URI="([^"]+)"$/gm)].map(([, uri]) => uri)
  expect(tracks).toEqual(['audio-1', 'audio-2', 'text-1', 'text-2'].map((name) => `${name}/playlist.m3u8`))
  expect(text.match(/SUBTITLES="subs"/g)).toHaveLength(2)
  const list = new URL('text-1/playlist.m3u8', early.playback?.hls).href
  const file = /^\d+\.vtt$/m.exec((await read(list)).text)?.[0] ?? ''
  expect(await read(new URL(file, list).href)).toMatchObject({
    type: expect.stringContaining('text/vtt'),
    text: expect.stringContaining('00:00:05.000 --> 00:00:06.500\nFive'),
  })

  const asset = await house.client.waitUntilReady(id, { everyMs: 200 })
  const manifest = await read(asset.playback?.dash ?? '')
  expect(manifest.text.match(/<AdaptationSet contentType="(?:audio|text)"/g)).toHaveLength(4)
})
