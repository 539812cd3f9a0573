import { openAsBlob } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import HLS from 'hls-parser'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { cornersJpeg } from '../fixtures/images.ts'
import { makeClip } from '../fixtures/make.ts'
import { listenLocally } from '../scripts/servers/listen.ts'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'
import { tempFolder } from './setup/temp-folder.ts'

type Way = { name: string; options(): Promise<Parameters<typeof liveHouse>[0]> }

/** The thin way through the whole house, as a user walks it; the same on every storage and every queue. */
export function wholeSuite(way: Way): void {
  describe(`the whole house on ${way.name}`, () => {
    let house: LiveHouse
    let folder = ''
    beforeAll(async () => {
      folder = await tempFolder()
      house = await liveHouse({
        ...(await way.options()),
        env: { ...(await way.options())?.env, FETCH_ALLOW: '127.0.0.1/32' },
      })
      await house.worker()
    })
    const get = async (url: string) => {
      const answer = await fetch(url)
      expect(answer.status, url).toBe(200)
      return {
        type: answer.headers.get('content-type'),
        cache: answer.headers.get('cache-control'),
        bytes: Buffer.from(await answer.arrayBuffer()),
      }
    }

    it('a video in a form becomes ready: playlists that a strict parser takes, segments that are there, three exact thumbnails', async () => {
      const file = await makeClip({ name: 'tone5s', folder })
      const sent = await house.client.uploadFile(await openAsBlob(file), {
        filename: 'clip.mp4',
        metadata: { from: 'test' },
      })
      expect(sent).toMatchObject({
        status: 'queued',
        playable: false,
        metadata: { from: 'test' },
        source: { filename: 'clip.mp4' },
      })
      const asset = await house.client.waitUntilReady(sent.id, { everyMs: 200 })
      expect(asset).toMatchObject({
        kind: 'video',
        playable: true,
        progress: 1,
        error: null,
        media: { width: 640, height: 360, fps: 25 },
      })

      const master = await get(asset.playback?.hls ?? '')
      expect(master).toMatchObject({ type: 'application/vnd.apple.mpegurl', cache: 'no-cache' })
      HLS.setOptions({ strictMode: true })
      const list = HLS.parse(master.bytes.toString())
      if (!list.isMasterPlaylist) throw new Error('the first playlist is not a master')
      expect(list.variants.map((variant) => variant.resolution?.height)).toEqual([360, 240])
      for (const uri of [...list.variants.map((variant) => variant.uri), list.variants[0]?.audio[0]?.uri ?? '']) {
        const at = new URL(uri, asset.playback?.hls)
        const media = HLS.parse((await get(at.href)).bytes.toString())
        if (media.isMasterPlaylist) throw new Error('a master inside a master')
        expect(media.endlist).toBe(true)
        expect(media.segments.reduce((sum, segment) => sum + segment.duration, 0)).toBeCloseTo(5, 0)
        for (const segment of media.segments)
          expect((await get(new URL(segment.uri, at).href)).cache).toMatch(/immutable/)
      }
      expect(await get(asset.playback?.dash ?? '')).toMatchObject({ type: 'application/dash+xml', cache: 'no-cache' })
      expect(asset.thumbnails.map((one) => [one.name, one.width, one.height])).toEqual([
        ['small', 320, 180],
        ['medium', 640, 360],
        ['large', 1280, 720],
      ])
      for (const thumbnail of asset.thumbnails) {
        const picture = await get(thumbnail.url)
        expect(picture.type).toBe('image/jpeg')
        expect(await sharp(picture.bytes).metadata()).toMatchObject({
          format: 'jpeg',
          width: thumbnail.width,
          height: thumbnail.height,
        })
      }
      expect(asset.storyboard).toMatchObject({ tileWidth: 160, tileHeight: 90, interval: 2 })
      const vtt = await get(asset.storyboard?.vtt ?? '')
      expect(vtt).toMatchObject({ type: 'text/vtt; charset=utf-8', cache: expect.stringMatching(/immutable/) })
      const sprite = new URL(vtt.bytes.toString().match(/^\S+\.jpg/m)?.[0] ?? '', asset.storyboard?.vtt)
      expect(await sharp((await get(sprite.href)).bytes).metadata()).toMatchObject({ width: 480, height: 90 })
      expect(asset.placeholder).toMatchObject({ color: expect.stringMatching(/^#[0-9a-f]{6}$/) })
    })

    it('an image by address becomes ready, with its original as received and smaller versions', async () => {
      const photo = await cornersJpeg({ width: 800, height: 600, orientation: 6 })
      const origin = createServer((_request, response) => response.setHeader('content-type', 'image/jpeg').end(photo))
      const port = await listenLocally(origin)
      try {
        const sent = await house.client.createAsset({
          source: { url: `http://127.0.0.1:${port}/photo.jpg?sig=secret-signature` },
        })
        expect(sent.source.url).toBe(`http://127.0.0.1:${port}/photo.jpg`)
        const asset = await house.client.waitUntilReady(sent.id, { everyMs: 200 })
        expect(asset).toMatchObject({ kind: 'image', media: { width: 800, height: 600, format: 'jpeg' } })
        expect(JSON.stringify(asset)).not.toContain('secret-signature')
        expect(asset.images.map((one) => one.name)).toEqual(expect.arrayContaining(['original', 'w320', 'web']))
        const w320 = asset.images.find((one) => one.name === 'w320' && one.format === 'webp')
        expect(asset.srcset?.webp).toContain(`${w320?.url} 320w, `)
        expect(asset.srcset?.avif?.split(', ')).toHaveLength(2)
        const original = asset.images.find((one) => one.name === 'original')
        expect((await get(original?.url ?? '')).bytes).toEqual(photo)
        expect(asset.thumbnails.map((one) => [one.width, one.height])).toEqual([
          [320, 180],
          [640, 360],
          [1280, 720],
        ])
        expect(house.api.log()).not.toContain('secret-signature')
      } finally {
        origin.close()
      }
    })

    it('a private picture is shown at signed addresses, to whoever was given them', async () => {
      const file = await makeClip({ name: 'photo', folder })
      const sent = await house.client.uploadFile(await openAsBlob(file), { filename: 'a.jpg', visibility: 'private' })
      await house.client.waitUntilReady(sent.id, { everyMs: 200 })
      const { images, thumbnails, expiresAt } = await house.client.sign(sent.id, { expiresIn: 60 })
      expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(61_000)
      expect(images.length).toBeGreaterThan(1)
      for (const { url, bytes } of [...images, ...thumbnails]) {
        const shown = await get(url)
        expect([shown.bytes.length, shown.cache]).toEqual([bytes, expect.stringMatching(/^private, max-age=\d+$/)])
        expect((await fetch(url.replace(/~[^/]+\//, ''))).status).toBe(404)
      }
      expect((await fetch(`${house.url}/v1/assets/${sent.id}/play`)).url).toContain('/media/~')
    })

    it('sound becomes one file that plays everywhere', async () => {
      const file = await makeClip({ name: 'wave', folder })
      const sent = await house.client.uploadFile(await openAsBlob(file), { filename: 'wave.wav' })
      const asset = await house.client.waitUntilReady(sent.id, { everyMs: 200 })
      expect(asset).toMatchObject({ kind: 'audio', audio: { format: 'm4a' }, playback: null })
      expect((await get(asset.audio?.url ?? '')).type).toBe('audio/mp4')
    })

    it('what is no media fails once, with its code and reason', async () => {
      const sent = await house.client.uploadFile(new Blob(['#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n']), {
        filename: 'film.mp4',
      })
      await expect(house.client.waitUntilReady(sent.id, { everyMs: 100 })).rejects.toThrow(
        /failed: unsupported_container/,
      )
      expect((await house.client.asset(sent.id)).error).toMatchObject({
        code: 'unsupported_container',
        retryable: false,
      })
    })

    it('an address that is gone fails with source_expired', async () => {
      const origin = createServer((_request, response) => response.writeHead(403).end())
      const port = await listenLocally(origin)
      try {
        const sent = await house.client.createAsset({ source: { url: `http://127.0.0.1:${port}/gone.mp4` } })
        await expect(house.client.waitUntilReady(sent.id, { everyMs: 100 })).rejects.toThrow(/failed: source_expired/)
      } finally {
        origin.close()
      }
    })

    it('one request id goes from the answer to the API’s log line, with the asset’s id', async () => {
      const answer = await fetch(`${house.url}/v1/assets/019a0000-0000-7000-8000-000000000000`, {
        headers: { 'x-request-id': 'trace-me-7' },
      })
      expect(answer.headers.get('x-request-id')).toBe('trace-me-7')
      expect(await answer.json()).toMatchObject({ code: 'not_found', requestId: 'trace-me-7' })
      const lines = house.api
        .log()
        .split('\n')
        .filter((line) => line.includes('trace-me-7'))
      expect(lines.length).toBeGreaterThan(0)
      for (const line of lines)
        expect(JSON.parse(line)).toMatchObject({
          requestId: 'trace-me-7',
          assetId: '019a0000-0000-7000-8000-000000000000',
        })
    })

    it('leaves nothing in the scratch folder', async () => {
      expect(
        (await readdir(`${house.folder}/scratch`, { recursive: true })).filter((name) => name.includes('/')),
      ).toEqual([])
    })
  })
}
