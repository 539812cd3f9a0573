import { openAsBlob } from 'node:fs'
import { setTimeout as rest } from 'node:timers/promises'
import HLS from 'hls-parser'
import { expect, it } from 'vitest'
import { makeClip } from '../fixtures/make.ts'
import { liveHouse } from './setup/live-house.ts'
import { tempFolder } from './setup/temp-folder.ts'

/** The addresses in a list, a media list's segments or a master's lists. */
async function read(url: string) {
  const answer = await fetch(url)
  expect(answer.status, url).toBe(200)
  const text = await answer.text()
  return { text, list: HLS.parse(text), uris: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')) }
}

it('a video can be watched while it is made: every list only grows, segment by segment, and every segment listed is there', async () => {
  HLS.setOptions({ strictMode: true })
  const house = await liveHouse()
  await house.worker()
  const film = await makeClip({ name: 'minute', folder: await tempFolder() })
  const { id } = await house.client.uploadFile(await openAsBlob(film), { filename: 'film.mp4' })
  const seen = new Map<string, string[][]>()
  for (;;) {
    // As often as a hasty player looks.
    await rest(100)
    const asset = await house.client.asset(id)
    expect(asset.error).toBeNull()
    if (!asset.playable) continue
    const master = asset.playback?.hls ?? ''
    const { uris, text } = await read(master)
    const sounds = [...text.matchAll(/URI="(.+)"/g)].map(([, uri]) => uri ?? '')
    for (const uri of [...uris, ...sounds]) {
      const address = new URL(uri, master).href
      const playlist = await read(address)
      const before = seen.get(uri)?.at(-1) ?? []
      expect(playlist.uris.slice(0, before.length), uri).toEqual(before)
      if (asset.status === 'ready') expect(playlist.text).toContain('#EXT-X-PLAYLIST-TYPE:VOD')
      if (playlist.uris.length > before.length) seen.set(uri, [...(seen.get(uri) ?? []), playlist.uris])
      for (const segment of playlist.uris.slice(before.length)) {
        const answer = await fetch(new URL(segment, address), { method: 'HEAD' })
        expect(answer.status, segment).toBe(200)
      }
    }
    if (asset.status === 'ready') break
  }
  for (const [uri, lists] of seen) expect(lists.at(-1)?.length, uri).toBeGreaterThan(14)
  // Fifteen segments in three chunks: seen to grow more often than once a chunk.
  const pictures = [...seen].filter(([uri]) => !uri.startsWith('audio')).map(([, lists]) => lists.length)
  expect(Math.max(...pictures)).toBeGreaterThan(3)
})
