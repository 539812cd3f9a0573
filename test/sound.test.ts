import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import HLS from 'hls-parser'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { viewAssets } from '../core/db/asset-views.ts'
import { noisePng } from '../fixtures/images.ts'
import { makeSound, songWithCover } from '../fixtures/sounds.ts'
import { handlers } from '../workers/handlers.ts'
import { runTask } from '../workers/run-task.ts'
import { readAsset, type TestHouse, testHouse } from './setup/house.ts'
import { receivedAsset, runTasks, runThrough } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'

let house: TestHouse
let folder = ''
beforeAll(async () => {
  folder = await tempFolder()
  const profiles = path.join(folder, 'profiles.json')
  await writeFile(profiles, JSON.stringify({ plain: { waveform: false }, long: { audio: { hlsFrom: 5 } } }))
  house = await testHouse({ env: { PROFILES_FILE: profiles } })
})

const onDisk = (url: string | undefined) =>
  path.join(house.config.STORAGE_DIR, decodeURIComponent(new URL(url ?? '').pathname).replace('/media/', ''))
const view = async (id: string) => (await viewAssets(house.db, house.storage, [await readAsset(house, id)]))[0]

describe('a recording', () => {
  it('can be played from its lasting address as soon as it was looked at, and then from the file that plays everywhere', async () => {
    const file = await makeSound({ folder, file: 'memo.wma', source: 'sine=d=1' })
    const id = await receivedAsset(house, file)
    const first = await house.db.selectFrom('tasks').select('id').where('asset_id', '=', id).executeTakeFirstOrThrow()
    await runTask({ house, taskId: first.id, handlers, closing: new AbortController().signal })
    const early = await view(id)
    expect(early).toMatchObject({
      ...{ kind: 'audio', status: 'processing', playable: true, source: { mime: 'audio/x-ms-wma' } },
      audio: { format: 'wma', url: expect.stringMatching(/\/g1\/audio\/original\.wma$/) },
    })
    expect(await readFile(onDisk(early?.audio?.url))).toEqual(await readFile(file))
    const app = await buildApp(house)
    const answer = await app.inject({ url: `/v1/assets/${id}/play` })
    await app.close()
    expect([answer.statusCode, answer.headers.location]).toEqual([302, early?.audio?.url])
    await runTasks(house, id)
    expect(await view(id)).toMatchObject({ status: 'ready', audio: { format: 'm4a' }, playback: null })
  })

  it('tells its true length, its loudness and its shape', async () => {
    const file = await makeSound({ folder, file: 'memo.mp3', source: 'aevalsrc=0.5*sin(2*PI*440*t):s=44100:d=2' })
    const asset = await runThrough(house, file)
    expect(asset).toMatchObject({
      media: { audioCodec: 'mp3', audioChannels: 1, audioSampleRate: 44_100, audioTracks: 1 },
      audio: { format: 'm4a', waveform: expect.stringMatching(/\/g1\/audio\/waveform\.json$/) },
    })
    expect(asset.media?.['duration']).toBeCloseTo(2, 1)
    expect(asset.media?.['loudness']).toEqual({
      integrated: expect.closeTo(-10, 0),
      range: expect.any(Number),
      truePeak: expect.closeTo(-6, 0),
    })
    const shape = JSON.parse(await readFile(onDisk(asset.audio?.waveform), 'utf8'))
    expect(shape).toMatchObject({ version: 2, channels: 1, bits: 8, length: shape.data.length / 2 })
  })

  it('without a waveform, by profile, has none', async () => {
    const file = await makeSound({ folder, file: 'plain.wav', source: 'sine=d=1' })
    const asset = await runThrough(house, file, { profile: 'plain' })
    expect(asset).toMatchObject({ status: 'ready', audio: { format: 'm4a' } })
    expect(asset.audio).not.toHaveProperty('waveform')
  })

  it('of which nothing can be decoded fails once, with its code', async () => {
    const file = await makeSound({ folder, file: 'noise.m4a', source: 'sine=d=1', args: ['-c:a', 'alac'] })
    const bytes = await readFile(file)
    await writeFile(file, bytes.fill(0xff, bytes.indexOf('mdat') + 4, bytes.indexOf('moov') - 4))
    const asset = await runThrough(house, file)
    expect(asset).toMatchObject({ status: 'failed', error: { code: 'corrupt_media', retryable: false } })
    const tries = await house.db
      .selectFrom('tasks')
      .select('failures')
      .where('asset_id', '=', asset.id)
      .where('key', '=', 'sound:0')
      .execute()
    expect(tries).toEqual([{ failures: 1 }])
  })
})

describe('a long recording', () => {
  it('plays in segments too: lists grow while it is made, and end when it is', async () => {
    const lists: string[] = []
    const storage = new Proxy(house.storage, {
      get: (target, name) =>
        name === 'put'
          ? (...args: Parameters<typeof target.put>) => {
              if (args[0].endsWith('.m3u8')) lists.push(String(args[1]))
              return target.put(...args)
            }
          : Reflect.get(target, name),
    })
    const file = await makeSound({ folder, file: 'talk.mp3', source: 'sine=f=440:d=21' })
    const asset = await runThrough({ ...house, storage }, file, { profile: 'long' })
    expect(asset).toMatchObject({
      ...{ kind: 'audio', status: 'ready', error: null, renditions: [] },
      playback: { hls: expect.stringMatching(/\/g1\/hls\/master\.m3u8$/) },
      audio: { format: 'm4a', waveform: expect.any(String) },
    })
    expect(lists.find((text) => text.includes('TYPE:EVENT'))).toContain('EXT-X-START:TIME-OFFSET=0')

    HLS.setOptions({ strictMode: true })
    const text = (url: URL) => readFile(onDisk(url.href), 'utf8')
    const at = new URL(asset.playback?.hls ?? '')
    const master = HLS.parse(await text(at))
    if (!master.isMasterPlaylist) throw new Error('the first playlist is not a master')
    expect(master.variants.map(({ codecs, resolution }) => [codecs, resolution])).toEqual([['mp4a.40.2', undefined]])
    const inside = new URL(master.variants[0]?.uri ?? '', at)
    const media = HLS.parse(await text(inside))
    if (media.isMasterPlaylist) throw new Error('a master inside a master')
    expect([media.endlist, media.playlistType, media.segments.length]).toEqual([true, 'VOD', 6])
    const sum = media.segments.reduce((all, segment) => all + segment.duration, 0)
    expect(Math.abs(sum - Number(asset.media?.['duration']))).toBeLessThan(0.05)
    for (const { uri } of media.segments)
      expect((await stat(onDisk(new URL(uri, inside).href))).size).toBeGreaterThan(0)
  })
})

describe('the picture in front of a song', () => {
  let cover = ''
  beforeAll(async () => {
    cover = path.join(folder, 'cover.jpg')
    await writeFile(
      cover,
      await sharp(await noisePng({ width: 600, height: 600 }))
        .jpeg({ quality: 95 })
        .toBuffer(),
    )
  })

  it.each(['song.mp3', 'song.m4a', 'song.flac', 'song.mka'])('%s becomes its poster and thumbnails', async (file) => {
    const asset = await runThrough(house, await songWithCover({ folder, file, cover }))
    expect(asset).toMatchObject({
      ...{ kind: 'audio', status: 'ready', error: null, audio: { format: 'm4a' } },
      placeholder: { color: expect.stringMatching(/^#/) },
    })
    expect(asset.thumbnails.map(({ width, height }) => [width, height])).toEqual([
      [320, 180],
      [640, 360],
      [1280, 720],
    ])
    expect(await sharp(await readFile(onDisk(asset.playback?.poster))).metadata()).toMatchObject({
      width: 600,
      height: 600,
    })
  })

  it('that is broken costs the song nothing', async () => {
    const file = await songWithCover({ folder, file: 'broken.mp3', cover })
    const bytes = await readFile(file)
    const picture = bytes.indexOf(Buffer.from([0xff, 0xd8, 0xff]))
    await writeFile(file, bytes.fill(0x5a, picture + 20, picture + 20_000))
    const asset = await runThrough(house, file)
    expect(asset).toMatchObject({ status: 'ready', error: null, thumbnails: [], playback: null, placeholder: null })
    expect(asset.audio).toMatchObject({ format: 'm4a', waveform: expect.any(String) })
  })
})
